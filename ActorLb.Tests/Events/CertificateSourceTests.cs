using ActorLb.Engine.Certificates;
using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace ActorLb.Tests.Events;

public sealed class CertificateSourceTests
{
    private const string Key = "listeners.https.tls";

    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private readonly EventLog _log;
    private readonly CertificateSource _source;
    private readonly List<CertificateProblem> _problems = [];
    private CertificateInUse? _inUse;

    public CertificateSourceTests()
    {
        _log = new EventLog("n1", _time.GetUtcNow, NullLogger.Instance, 100);
        _source = new CertificateSource(() => _inUse is { } certificate ? [certificate] : [], () => _problems, _time);
    }

    [Fact]
    public void One_that_is_shown_and_one_that_takes_its_place_are_told()
    {
        Show("one", days: 90);
        Show("one", days: 90);
        Show("two", days: 120);
        Assert.Equal([EventKind.CertificateLoaded, EventKind.CertificateRenewed], Kinds());
        Assert.Equal($"{Key} was loaded again: CN=two", _log.All().Events[1].Text);
    }

    [Fact]
    public void That_one_expires_is_told_three_times_before_and_once_when_it_has()
    {
        DateTimeOffset expires = _time.GetUtcNow().AddDays(15);
        for (int hour = 0; hour < 16 * 24; hour++)
        {
            Show("one", expires);
            _time.Advance(TimeSpan.FromHours(1));
        }

        NodeEvent[] told = [.. _log.All().Events.Where(e => e.Kind == EventKind.CertificateExpiring)];
        Assert.Equal([14.0, 3.0, 1.0, 0.0], told.Select(e => Math.Round((expires - e.At).TotalDays, 1)));
        Assert.Equal([EventSeverity.Warning, EventSeverity.Warning, EventSeverity.Warning, EventSeverity.Error], told.Select(e => e.Severity));
        Assert.Equal(["14 days", "3 days", "24 hours"], told[..3].Select(e => e.Text[$"{Key} expires in ".Length..^": CN=one".Length]));
        Assert.Equal($"{Key} has expired: clients refuse it: CN=one", told[3].Text);
    }

    [Fact]
    public void One_that_is_not_valid_yet_is_told_as_an_error()
    {
        _inUse = new CertificateInUse("admin.tls", "one", "CN=one", _time.GetUtcNow().AddDays(90)) { Begins = _time.GetUtcNow().AddDays(1) };
        _source.Look(_log);
        NodeEvent told = Assert.Single(_log.All().Events);
        Assert.Equal((EventKind.CertificateLoaded, EventSeverity.Error), (told.Kind, told.Severity));
        Assert.Equal("admin.tls was loaded, and is not valid before 2027-01-16 08:00Z: browsers and actorlb refuse it: CN=one", told.Text);
    }

    [Theory]
    [InlineData(14 * 24 * 60, "14 days")]
    [InlineData((14 * 24 * 60) - 1, "14 days")]
    [InlineData((7 * 24 * 60) - 60, "6 days")]
    [InlineData(48 * 60, "2 days")]
    [InlineData(47 * 60, "47 hours")]
    [InlineData((12 * 60) - 1, "12 hours")]
    [InlineData(60, "1 hour")]
    [InlineData(59, "59 minutes")]
    [InlineData(0, "1 minute")]
    public void How_long_one_is_good_is_said_in_days_from_two_on_and_in_hours_below(int minutes, string said) =>
        Assert.Equal(said, CertificateInUse.Counted(TimeSpan.FromMinutes(minutes)));

    [Fact]
    public void One_that_was_about_to_expire_and_was_renewed_is_warned_about_anew()
    {
        Show("one", days: 2);
        Show("two", days: 90);
        Show("two", days: 2);
        Assert.Equal(
            [EventKind.CertificateLoaded, EventKind.CertificateExpiring, EventKind.CertificateRenewed, EventKind.CertificateExpiring], Kinds());
    }

    [Fact]
    public void Files_that_cannot_be_used_are_told_once_for_each_reason_and_what_is_loaded_from_them_later_names_that()
    {
        Show("one", days: 90);
        _problems.Add(new CertificateProblem(Key, "no key", _time.GetUtcNow()));
        Show("one", days: 90);
        Show("one", days: 90);
        _problems[0] = _problems[0] with { Problem = "another key" };
        Show("one", days: 90);
        _problems.Clear();
        Show("two", days: 90);
        Assert.Equal(
            [EventKind.CertificateLoaded, EventKind.CertificateFailed, EventKind.CertificateFailed, EventKind.CertificateRenewed], Kinds());
        Assert.Equal(_log.All().Events[2].Id, _log.All().Events[3].Cause);
        Assert.Equal($"n1: {Key} has changed and cannot be used: another key; what was loaded before stays in use", _log.All().Events[2].Text);

        // Good because it is as it was: what comes weeks later has nothing to do with it.
        _problems.Add(new CertificateProblem(Key, "no key", _time.GetUtcNow()));
        Show("two", days: 90);
        _problems.Clear();
        Show("two", days: 90);
        Show("three", days: 90);
        Assert.Null(_log.All().Events[^1].Cause);
    }

    private IEnumerable<EventKind> Kinds() => _log.All().Events.Select(e => e.Kind);

    private void Show(string loaded, int days) => Show(loaded, _time.GetUtcNow().AddDays(days));

    private void Show(string loaded, DateTimeOffset expires)
    {
        _inUse = new CertificateInUse(Key, loaded, $"CN={loaded}", expires);
        _source.Look(_log);
        _time.Advance(TimeSpan.FromSeconds(5));
    }
}
