using System.Net;
using ActorLb.Engine.Reports;
using ActorLb.Tests.Health;
using Xunit;

namespace ActorLb.Tests.Reports;

public sealed class AddressReportsTests
{
    private static readonly IPAddress One = IPAddress.Parse("192.0.2.1");
    private static readonly IPAddress Other = IPAddress.Parse("::ffff:192.0.2.2");

    private readonly ManualTime _time = new();
    private readonly List<string> _lines = [];

    [Fact]
    public void An_address_gets_a_line_at_once_and_one_a_minute_with_the_count()
    {
        using AddressReports reports = Reports();
        for (int i = 0; i < 1000; i++)
        {
            reports.Note(One, "floods");
        }

        Assert.Equal(["192.0.2.1 floods 1"], _lines);
        _time.Advance(AddressReports.Interval);
        Assert.Equal(["192.0.2.1 floods 1", "192.0.2.1 floods 999"], _lines);
        _time.Advance(5 * AddressReports.Interval);
        Assert.Equal(2, _lines.Count);
    }

    [Fact]
    public void Addresses_and_kinds_are_told_apart()
    {
        using AddressReports reports = Reports();
        reports.Note(One, "floods");
        reports.Note(Other, "floods");
        reports.Note(One, "guesses");

        Assert.Equal(["192.0.2.1 floods 1", "192.0.2.2 floods 1", "192.0.2.1 guesses 1"], _lines);
    }

    [Fact]
    public void After_a_quiet_minute_the_next_one_is_told_at_once()
    {
        using AddressReports reports = Reports();
        reports.Note(One, "floods");
        _time.Advance(2 * AddressReports.Interval);

        reports.Note(One, "floods");

        Assert.Equal(["192.0.2.1 floods 1", "192.0.2.1 floods 1"], _lines);
    }

    [Fact]
    public void Addresses_beyond_those_that_are_held_are_told_together()
    {
        using AddressReports reports = Reports();
        for (int i = 0; i < AddressReports.AddressesMax + 500; i++)
        {
            reports.Note(new IPAddress([10, 0, (byte)(i >> 8), (byte)i]), "floods");
        }

        Assert.Equal(AddressReports.AddressesMax + 1, _lines.Count);
        Assert.Equal("others floods 1", _lines[^1]);
        _time.Advance(AddressReports.Interval);
        Assert.Equal("others floods 499", _lines[^1]);
    }

    private AddressReports Reports() => new(_time, (address, kind, count) => _lines.Add($"{address} {kind} {count}"));
}
