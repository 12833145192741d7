using ActorLb.Node.Events;
using ActorLb.Node.Events.Sources;
using ActorLb.Node.Overlays;
using ActorLb.Shared.Backends;
using ActorLb.Shared.Messages;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ActorLb.Tests.Events;

/// <summary>The log of all nodes says when a decision that holds was taken, and for whom.</summary>
public sealed class DecisionWordsTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
    private static readonly BackendName Web = new("web", "a");

    private readonly EventLog _log = new("n1", () => Now, NullLogger.Instance, 100);
    private readonly DecisionWords _words;

    public DecisionWordsTests() => _words = new DecisionWords(_log);

    [Fact]
    public void A_drain_is_that_of_who_asked_for_it_last()
    {
        Note(EventKind.OperatorDrain, new { version = 4 }, "early");
        Note(EventKind.OperatorDrain, new { version = 5 }, "ops (10.0.0.9)");
        Note(EventKind.OperatorWeight, new { version = 9 }, "another");
        Assert.Equal(new DecisionTaken(Now, "ops (10.0.0.9)"), _words.Of(Drain("n1", 5)));
        Assert.Null(_words.Of(Drain("n1", 4)));
        Assert.Null(_words.Of(Drain("n2", 5)));
        Assert.Equal("another", _words.Of(Overlay(9))?.Who);
        Assert.Null(_words.Of(Overlay(8)));

        // As no node of ours writes it.
        Note(EventKind.OperatorDrain, new { version = "6" }, "odd");
        Assert.Null(_words.Of(Drain("n1", 6)));
    }

    [Fact]
    public void A_removed_backend_drains_for_who_removed_it()
    {
        Assert.Null(_words.Of(Drain("n1", 7)));
        Note(EventKind.OperatorRemoved, new { version = 2 }, "ops (10.0.0.9)");
        Assert.Equal("ops (10.0.0.9)", _words.Of(Drain("n1", 7))?.Who);
    }

    private static OperatorDecision Drain(string node, long version) => new(Web, OperatorState.Draining, null, version, node);

    private static OverlayReport Overlay(long version) => new(Web, OverlayKind.Weight, null, 7, null, null, null, null, "n1", Now, version);

    private void Note(EventKind kind, object data, string who) => _log.Note(new EventNote(kind, "decided") { Pool = Web.Pool, Backend = Web.Id, Data = data, Who = who });
}
