using System.Net;
using ActorLb.Node.Cluster.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Cluster.Connections;

public sealed class RefusedPeersTests : ILogger<RefusedPeers>, IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly List<string> _log = [];
    private readonly RefusedPeers _refused;

    public RefusedPeersTests() => _refused = new RefusedPeers(_time, this);

    public void Dispose() => _refused.Dispose();

    [Fact]
    public void The_first_of_an_address_is_told_at_once_and_the_others_of_its_minute_in_one_line()
    {
        for (int i = 0; i < 120; i++)
        {
            _refused.Report(IPAddress.Parse("10.0.0.9"), $"reason {i}");
        }

        _refused.Report(IPAddress.Parse("10.0.0.8"), "no TLS");
        Assert.Equal(
            ["Refused 10.0.0.9 as a node of this cluster: reason 0", "Refused 10.0.0.8 as a node of this cluster: no TLS"], _log);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("Refused 10.0.0.9 as a node of this cluster 119 more times within a minute, at last because reason 119", Assert.Single(_log.Skip(2)));
        Assert.Equal(121, _refused.Count);
    }

    [Fact]
    public void Who_goes_on_is_told_once_a_minute_and_who_comes_back_later_at_once()
    {
        _refused.Report("a", "x");
        for (int minute = 0; minute < 5; minute++)
        {
            _refused.Report("a", "x");
            _refused.Report("a", "x");
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(6, _log.Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(6, _log.Count);
        _refused.Report("a", "y");
        Assert.EndsWith("cluster: y", _log[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Many_addresses_share_a_line()
    {
        for (int i = 0; i < 10_000; i++)
        {
            _refused.Report(new IPAddress([10, 1, (byte)(i >> 8), (byte)i]), "x");
        }

        Assert.Equal(257, _log.Count);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(258, _log.Count);
        Assert.Contains("other addresses", _log[^1], StringComparison.Ordinal);
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _log.Add(formatter(state, exception));
}
