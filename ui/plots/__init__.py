"""The curve engine: series of millions of points, and the plot that draws them at the screen's rate."""

from ui.plots.axis_map import AxisMap, XUnit
from ui.plots.curve import LineStyle
from ui.plots.curve_plot import CurvePlot
from ui.plots.markers import Marker, MarkerKind
from ui.plots.series import Series
from ui.plots.smoothing import Smoothed
from ui.plots.style import PlotStyle, plot_style
from ui.plots.ticks import format_value

__all__ = [
    "AxisMap",
    "CurvePlot",
    "LineStyle",
    "Marker",
    "MarkerKind",
    "PlotStyle",
    "Series",
    "Smoothed",
    "XUnit",
    "format_value",
    "plot_style",
]
