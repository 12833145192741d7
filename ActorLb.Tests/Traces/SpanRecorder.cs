using System.Collections.Concurrent;
using System.Diagnostics;
using ActorLb.Engine.Traces;
using ActorLb.Tests.Lane;
using Xunit;

namespace ActorLb.Tests.Traces;

/// <summary>Hears the spans of one source.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly ActivityListener _listener;

    public SpanRecorder(SpanSource source)
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = s => ReferenceEquals(s, source.Source),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Those that are over, in the order in which they ended.</summary>
    public ConcurrentQueue<Activity> Spans { get; } = new();

    /// <summary>Of requests, once so many are over.</summary>
    public async Task<Activity[]> RequestsAsync(int count)
    {
        await TestLane.UntilAsync(() => Of(ActivityKind.Server).Length >= count);
        Assert.Equal(count, Of(ActivityKind.Server).Length);
        return Of(ActivityKind.Server);
    }

    public Activity[] Of(ActivityKind kind) => [.. Spans.Where(s => s.Kind == kind)];

    public void Dispose() => _listener.Dispose();
}
