using System.Net;

namespace ActorLb.Tests.Lane;

/// <summary>Clients that connect, ask once and leave, one after the other at several places at once, until it is stopped.</summary>
internal sealed class NewClients
{
    private const int AtOnce = 4;

    private readonly CancellationTokenSource _stop = new();
    private readonly List<string> _failures = [];
    private readonly Task _running;
    private int _served;

    /// <param name="endpoint">Where each connects.</param>
    /// <param name="tls">Whether each does so by TLS.</param>
    public NewClients(Func<IPEndPoint> endpoint, Func<bool>? tls = null) =>
        _running = Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(() => RunAsync(endpoint, tls ?? (() => false)))));

    public int Served => Volatile.Read(ref _served);

    /// <summary>Complete when so many more were served.</summary>
    public Task MoreAsync(int count)
    {
        int until = Served + count;
        return TestLane.UntilAsync(() => Served >= until || _running.IsCompleted);
    }

    /// <summary>What went wrong.</summary>
    public async Task<IReadOnlyList<string>> StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        return _failures;
    }

    private async Task RunAsync(Func<IPEndPoint> endpoint, Func<bool> tls)
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using RawClient client = await RawClient.ConnectAsync(endpoint(), tls());
                await client.SendAsync("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
                string answer = await client.ReadToEndAsync();
                if (!answer.StartsWith("HTTP/1.1 200", StringComparison.Ordinal))
                {
                    Fail($"got '{answer}'");
                }

                Interlocked.Increment(ref _served);
            }
            catch (Exception e)
            {
                Fail(e.ToString());
            }
        }
    }

    private void Fail(string what)
    {
        lock (_failures)
        {
            _failures.Add(what);
        }
    }
}
