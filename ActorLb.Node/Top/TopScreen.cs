using Spectre.Console;
using Spectre.Console.Rendering;

namespace ActorLb.Node.Top;

/// <summary>A frame as Spectre.Console draws it: texts and their styles, and never its markup, so that nothing in a text is an order.</summary>
internal sealed class TopScreen(TopFrame frame) : IRenderable
{
    private static readonly Style Plain = Style.Plain;
    private static readonly Style Good = new(Color.Green);
    private static readonly Style Warning = new(Color.Yellow);
    private static readonly Style Bad = new(Color.Red);
    private static readonly Style Dim = new(decoration: Decoration.Dim);
    private static readonly Style Strong = new(decoration: Decoration.Bold);
    private static readonly Style Chosen = new(decoration: Decoration.Invert);

    public Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    public IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        for (int i = 0; i < frame.Lines.Length; i++)
        {
            int room = maxWidth;
            foreach (TopSpan span in frame.Lines[i])
            {
                room -= TopText.Width(span.Text);
                yield return new Segment(span.Text, StyleOf(span.Tone));
            }

            // What was there before is written over.
            yield return new Segment(new string(' ', Math.Max(0, room)), Plain);
            if (i < frame.Lines.Length - 1)
            {
                yield return Segment.LineBreak;
            }
        }
    }

    private static Style StyleOf(TopTone tone) => tone switch
    {
        TopTone.Good => Good,
        TopTone.Warning => Warning,
        TopTone.Bad => Bad,
        TopTone.Dim => Dim,
        TopTone.Strong => Strong,
        TopTone.Chosen => Chosen,
        _ => Plain,
    };
}
