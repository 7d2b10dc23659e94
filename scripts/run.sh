#!/bin/sh
# Opens the window where there is a display; without one, says how to train from the terminal.
set -eu
cd "$(dirname "$0")/.."

has_display() {
    case "$(uname -s)" in
    Darwin | MINGW* | MSYS* | CYGWIN*) return 0 ;;
    esac
    [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]
}

if has_display; then
    exec .venv/bin/python -m ui.app
fi

cat <<'TEXT'
There is no display here, so the window cannot open. Training works from the terminal:

  .venv/bin/modellab list presets
  .venv/bin/modellab train --preset digits-cnn
  .venv/bin/modellab runs

A window opened later, here or elsewhere, shows these runs with everything they recorded.
TEXT
