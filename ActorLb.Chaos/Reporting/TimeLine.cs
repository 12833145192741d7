using ActorLb.Chaos.Checking;
using ActorLb.Chaos.History;
using OxyPlot;
using OxyPlot.Annotations;
using OxyPlot.Axes;
using OxyPlot.Series;

namespace ActorLb.Chaos.Reporting;

/// <summary>The charts of a run over time, each with the faults as bands.</summary>
internal static class TimeLine
{
    private const double Width = 1400;
    private const double Height = 260;

    private static readonly OxyColor NodeBand = OxyColor.FromAColor(60, OxyColors.SteelBlue);
    private static readonly OxyColor NetworkBand = OxyColor.FromAColor(60, OxyColors.DarkOrange);
    private static readonly OxyColor BackendBand = OxyColor.FromAColor(60, OxyColors.MediumSeaGreen);

    /// <returns>Title and SVG of each.</returns>
    public static IEnumerable<(string Title, string Svg)> Charts(RunHistory history)
    {
        var walks = new SessionWalks(history);
        HashSet<long> unexcused = [.. ServedRequests.Unexcused(history, walks).Select(a => a.Number)];
        yield return Chart("Answered requests per second", history, OxyColors.DarkSlateGray, history.Attempts.Where(a => a.Succeeded).Select(a => a.Ended));
        yield return Chart("Failed requests per second that a fault excuses", history, OxyColors.DarkGoldenrod, history.Attempts.Where(a => !a.Succeeded && !unexcused.Contains(a.Number)).Select(a => a.Ended));
        yield return Chart("Failed requests per second that nothing excuses", history, OxyColors.Firebrick, history.Attempts.Where(a => unexcused.Contains(a.Number)).Select(a => a.Ended));
        yield return Chart("Sessions moved per second", history, OxyColors.MediumPurple, walks.Moves.Select(m => m.Attempt.Ended));
    }

    private static (string Title, string Svg) Chart(string title, RunHistory history, OxyColor color, IEnumerable<double> moments)
    {
        var counts = new double[(int)history.Facts.Seconds + 2];
        foreach (double moment in moments)
        {
            counts[Math.Clamp((int)moment, 0, counts.Length - 1)]++;
        }

        var model = new PlotModel { DefaultFontSize = 12, PlotAreaBorderColor = OxyColors.LightGray };
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Bottom, Minimum = 0, Maximum = history.Facts.Seconds, Title = "seconds" });
        model.Axes.Add(new LinearAxis { Position = AxisPosition.Left, Minimum = 0, Maximum = Math.Max(1, counts.Max() * 1.1), MajorGridlineStyle = LineStyle.Dot });
        foreach (FaultSpan fault in history.Faults)
        {
            model.Annotations.Add(new RectangleAnnotation
            {
                MinimumX = fault.At,
                MaximumX = Math.Min(fault.Until, history.Facts.Seconds),
                Fill = Band(fault.Kind),
                Text = $"{fault.Number}",
                TextVerticalAlignment = VerticalAlignment.Top,
                TextColor = OxyColors.Gray,
                Layer = AnnotationLayer.BelowSeries,
            });
        }

        var series = new StairStepSeries { Color = color, StrokeThickness = 1, VerticalStrokeThickness = 1 };
        series.Points.AddRange(counts.Select((count, second) => new DataPoint(second, count)));
        model.Series.Add(series);
        return (title, SvgExporter.ExportToString(model, Width, Height, isDocument: false));
    }

    private static OxyColor Band(FaultKind kind) => kind switch
    {
        FaultKind.KillBackend or FaultKind.PauseBackend or FaultKind.SilentBackend or FaultKind.SlowBackend or FaultKind.ResettingBackend
            or FaultKind.SickBackend or FaultKind.ScaleBackends => BackendBand,
        FaultKind.CutBackend or FaultKind.LoseBackend or FaultKind.CutPair or FaultKind.CutSides or FaultKind.FlapSides or FaultKind.CutOneWay or FaultKind.LosePackets
            or FaultKind.Disconnect => NetworkBand,
        _ => NodeBand,
    };
}
