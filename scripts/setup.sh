#!/bin/sh
# Makes .venv and installs the project into it: `sh scripts/setup.sh [dev|bench]`. Does nothing when all is current.
set -eu
cd "$(dirname "$0")/.."

extras=${1:-dev}
case "$extras" in
dev) ;;
bench) extras=dev,bench ;;
*) echo "setup: unknown set '$extras'; it is dev or bench." >&2; exit 2 ;;
esac

venv=.venv
python_in_venv=$venv/bin/python
stamp=$venv/.installed-$extras

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

is_apt_root() { [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; }

apt_install() {
    say "installing system packages: $*"
    apt-get update -qq || say "apt-get update failed; trying with the package lists at hand."
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Runs each candidate: a name on PATH may be a wrapper with nothing behind it.
is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }
can_make_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

# Prints the first Python that can make an environment, else the first that is new enough, else nothing.
find_python() {
    second_best=
    if [ -n "${PYTHON:-}" ]; then set -- "$PYTHON"; else set -- python3.12 python3.11 python3.13 python3 python; fi
    for candidate in "$@"; do
        is_new_enough "$candidate" || continue
        if can_make_venv "$candidate"; then
            echo "$candidate"
            return
        fi
        second_best=${second_best:-$candidate}
    done
    echo "$second_best"
}

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])'; }

choose_python() {
    python=$(find_python)
    if [ -z "$python" ] && [ -z "${PYTHON:-}" ] && is_apt_root; then
        apt_install python3 python3-venv
        python=$(find_python)
    fi
    if [ -z "$python" ]; then
        [ -z "${PYTHON:-}" ] || fail "PYTHON=$PYTHON is not a Python 3.11 or later."
        fail "found no Python 3.11 or later. Install one (Debian, Ubuntu: sudo apt-get install python3 python3-venv)," \
            "or name one: make setup PYTHON=/path/to/python3.11"
    fi
    can_make_venv "$python" && return
    package=python$(version_of "$python")-venv
    if is_apt_root && apt_install "$package" && can_make_venv "$python"; then
        return
    fi
    fail "$python cannot make virtual environments. Type: sudo apt-get install $package"
}

make_environment() {
    if [ -x "$python_in_venv" ]; then
        is_new_enough "$python_in_venv" && "$python_in_venv" -m pip --version >/dev/null 2>&1 && return
        fail "$venv is broken or older than Python 3.11. Type: rm -rf $venv && make setup"
    fi
    [ ! -e "$venv" ] || fail "$venv is incomplete. Type: rm -rf $venv && make setup"
    choose_python
    say "making $venv with Python $(version_of "$python")"
    "$python" -m venv "$venv"
}

# What the installation depends on: the requirements, the Python, and where the checkout stands.
current_key() {
    cksum <pyproject.toml
    pwd
    "$python_in_venv" -c 'import sys; print(sys.version)'
}

install_packages() {
    key=$(current_key)
    [ "$key" != "$(cat "$stamp" 2>/dev/null || true)" ] || return 0
    say "installing Model Lab and what it needs into $venv (the first time takes a minute or two)"
    "$python_in_venv" -m pip install --quiet --disable-pip-version-check -e ".[$extras]" ||
        fail "pip could not install the requirements; its message is above."
    printf '%s\n' "$key" >"$stamp"
}

qt_packages="libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1 libfreetype6 libglib2.0-0 libx11-6 libzstd1"
x11_packages="libxcb-cursor0 libxkbcommon-x11-0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0
    libxcb-render-util0 libxcb-shape0 libxcb-shm0 libxcb-sync1 libxcb-xfixes0 libxcb-xkb1 libx11-xcb1"
wayland_packages="libwayland-client0 libwayland-cursor0 libwayland-egl1"

# Checks one part of Qt ($1, for scripts/qt_libraries.py) and installs its packages ($2) where that can be done.
# A part that is not needed here ($3 is no) is tried once, where that is easy, and never stops the set-up.
require_qt_part() {
    missing=$("$python_in_venv" scripts/qt_libraries.py "$1") && return 0
    tried=$venv/.tried-$1
    if is_apt_root && { [ "$3" = yes ] || [ ! -e "$tried" ]; }; then
        : >"$tried"
        # shellcheck disable=SC2086
        apt_install $2 || say "apt-get could not install them."
        missing=$("$python_in_venv" scripts/qt_libraries.py "$1") && return 0
    fi
    [ "$3" = yes ] || return 0
    printf 'setup: Qt cannot load: %s\n' "$missing" >&2
    command -v apt-get >/dev/null 2>&1 || fail "install the package of your system that holds that library."
    # shellcheck disable=SC2086
    fail "type: sudo apt-get install" $2
}

yes_if_set() { if [ -n "$1" ]; then echo yes; else echo no; fi; }

check_qt_libraries() {
    [ "$(uname -s)" = Linux ] || return 0
    require_qt_part offscreen "$qt_packages" yes
    require_qt_part xcb "$x11_packages" "$(if [ -n "${WAYLAND_DISPLAY:-}" ]; then echo no; else yes_if_set "${DISPLAY:-}"; fi)"
    require_qt_part wayland "$wayland_packages" "$(yes_if_set "${WAYLAND_DISPLAY:-}")"
}

make_environment
install_packages
check_qt_libraries
