using ActorLb.Node.Cluster.Connections;
using ActorLb.Node.Wire;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Cluster;

/// <summary>
/// Passes Akka's log on, with changes. Its warning about each message that the wire refused is left out:
/// WireRefusals tells those, and not more often than once a second. And what connections say when a node goes is
/// debug material: MembershipActor tells who went, DowningActor who is gone on without. What it says of each message to another name is said once by WrongNames,
/// and what it says of each connection that sends no messages of Akka's is counted by RefusedPeers. What the shard
/// coordinator says of each try that failed is told by CoordinatorFailures where it lasts, and heartbeats of this node that are late by LateHeartbeats.
/// </summary>
internal sealed class AkkaLog(ILoggerFactory target, RefusedPeers refused, TimeProvider time) : ILoggerFactory
{
    private const string Connections = "/system/endpointManager";
    private const string Transports = "/system/transports/";
    private const string EscapedAt = "%40";
    private const string NoMessage = "Akka.Remote.Transport.AkkaProtocolException";
    private const string Reader = "endpointReader";
    private const string Sharding = "/system/sharding/";

    /// <summary>What it says of every start anew of an actor that could not start: its parent tells why, and not each time.</summary>
    private const string StartsAgain = "Changing Recreate into Create";

    private static readonly string[] MembershipTold =
        ["Marking node(s) as UNREACHABLE", "Marking node as TERMINATED", "gossip where this member has been downed", "Couldn't join seed nodes", "heartbeat interval is growing too large"];

    private readonly RefusedPeers _refused = refused;
    private readonly WrongNames _wrongNames = new();
    private readonly CoordinatorFailures _failures = new(time);
    private readonly LateHeartbeats _heartbeats = new(time);

    public ILogger CreateLogger(string categoryName) => new Category(target.CreateLogger(categoryName), target.CreateLogger<AkkaLog>(), this);

    public void AddProvider(ILoggerProvider provider) => target.AddProvider(provider);

    /// <summary>The target is the process's and lives on.</summary>
    public void Dispose()
    {
    }

    private static string? PathOf<TState>(TState state) =>
        (state as IEnumerable<KeyValuePair<string, object?>>)?.FirstOrDefault(p => p.Key == "ActorPath").Value?.ToString();

    /// <summary>
    /// The peer of a connection of whose actor a text of Akka's speaks: the actor's name ends with the escaped address and a
    /// number; null where it speaks of none.
    /// </summary>
    internal static string? PeerOf(string text)
    {
        int at = text.IndexOf(Transports, StringComparison.Ordinal);
        at = at < 0 ? at : text.IndexOf(EscapedAt, at, StringComparison.Ordinal);
        if (at < 0)
        {
            return null;
        }

        at += EscapedAt.Length;
        int end = text.IndexOf(']', at);
        string address = Uri.UnescapeDataString(text[at..(end < 0 ? text.Length : end)]);
        return address.LastIndexOf(':') is > 0 and var port ? address[..port] : null;
    }

    private bool Takes(string text, ILogger own) =>
        text.StartsWith(StartsAgain, StringComparison.Ordinal) || _wrongNames.Take(text, own) || _failures.Take(text, own) || _heartbeats.Take(text, own);

    private static bool IsOfConnections(string? path)
    {
        // What a reader says is about messages: for instance a serializer that nobody here knows.
        return path is not null
            && path.Contains(Connections, StringComparison.Ordinal)
            && !path.Contains(Reader, StringComparison.Ordinal);
    }

    // Where the oldest member has died, every region asks for the next coordinator and warns each time; a rebind that nobody
    // answers is counted and served all the same.
    private static bool IsOfHandOver(string? path, LogLevel level) =>
        level == LogLevel.Warning && path is not null && path.Contains(Sharding, StringComparison.Ordinal);

    // Akka's words for what membership tells: who cannot be reached, and that this node was taken out.
    private static bool IsOfMembership(string text) =>
        MembershipTold.Any(t => text.Contains(t, StringComparison.Ordinal));

    private sealed class Category(ILogger target, ILogger own, AkkaLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => target.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => target.IsEnabled(logLevel);

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            string? path = PathOf(state);
            LogLevel level = IsOfConnections(path) || IsOfHandOver(path, logLevel) ? LogLevel.Debug : logLevel;
            if (!target.IsEnabled(logLevel))
            {
                return;
            }

            string text = formatter(state, exception);
            level = IsOfMembership(text) ? LogLevel.Debug : level;
            if (logLevel >= LogLevel.Warning && text.Contains(NoMessage, StringComparison.Ordinal) && PeerOf(text) is { } peer)
            {
                log._refused.Report(peer, "it sent what is no message of Akka's");
            }
            else if (!text.Contains(WireRefusals.Mark, StringComparison.Ordinal) && !log.Takes(text, own))
            {
                target.Log(level, eventId, state, exception, formatter);
            }
        }
    }
}
