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
            _refused.Report(IPAddress.Parse("10.0.0.9"), "another secret");
        }

        _refused.Report(IPAddress.Parse("10.0.0.8"), "no TLS");
        Assert.Equal(
            ["Refused 10.0.0.9 as a node of this cluster: another secret", "Refused 10.0.0.8 as a node of this cluster: no TLS"], _log);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("Refused 10.0.0.9 as a node of this cluster 119 more times within a minute, at last because another secret", Assert.Single(_log.Skip(2)));
        Assert.Equal(121, _refused.Count);
    }

    [Fact]
    public void Who_comes_from_the_same_address_for_another_reason_is_told_at_once_as_well()
    {
        for (int i = 0; i < 40; i++)
        {
            _refused.Report("127.0.0.1", "it has another secret");
            _refused.Report("127.0.0.1", "it has none");
        }

        Assert.Equal(
            ["Refused 127.0.0.1 as a node of this cluster: it has another secret", "Refused 127.0.0.1 as a node of this cluster: it has none"], _log);

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(4, _log.Count);
        Assert.All(_log[2..], l => Assert.Contains(" 39 more times ", l, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(8, 8)]
    [InlineData(9, 9)]
    [InlineData(10, 9)]
    [InlineData(1000, 9)]
    public void An_address_with_many_reasons_has_eight_lines_and_one_for_the_rest(int reasons, int lines)
    {
        for (int minute = 0; minute < 2; minute++)
        {
            _log.Clear();
            for (int i = 0; i < reasons; i++)
            {
                _refused.Report("10.0.0.9", $"reason {minute} {i}");
            }

            Assert.Equal(lines, _log.Count);
            _time.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal(reasons > 9 ? lines + 1 : lines, _log.Count);
            _time.Advance(TimeSpan.FromMinutes(1));
        }
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
