using Xunit;

namespace ActorLb.Tests.Cluster;

/// <summary>Waits for what other actors and machines' clocks decide; the bound is generous and no expectation.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    public static Task Holds(Func<bool> condition, string what) => Holds(condition, () => what);

    public static async Task Holds(Func<bool> condition, Func<string> what)
    {
        using var bound = new CancellationTokenSource(Bound);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(25));
        while (!condition())
        {
            try
            {
                await timer.WaitForNextTickAsync(bound.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"not within {Bound}: {what()}");
            }
        }
    }
}
