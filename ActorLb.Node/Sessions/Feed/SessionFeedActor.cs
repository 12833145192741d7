using System.Collections.Immutable;
using ActorLb.Engine;
using ActorLb.Engine.Sessions;
using ActorLb.Node.Logging;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Messages;
using ActorLb.Shared.Sessions;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Microsoft.Extensions.Logging;

namespace ActorLb.Node.Sessions.Feed;

/// <summary>
/// Tells the owners what the data plane noticed, in batches, and again what they do not seem to have heard.
/// Notes what they know better.
/// </summary>
internal sealed class SessionFeedActor : ReceiveActor, INodeActor, IWithTimers, IDisposable
{
    public static string Name => "session-feed";

    private readonly DataPlane _plane;
    private readonly IActorRef _relay;
    private readonly ILogger _logger = Context.LoggerOf<SessionFeedActor>();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, ResendState> _resend = [];
    private readonly List<SessionNotice> _batch = [];

    /// <param name="relay">SessionRelayActor.</param>
    public SessionFeedActor(DataPlane plane, IActorRef relay)
    {
        _plane = plane;
        _relay = relay;
        Receive<Tick>(tick => tick == Tick.Noticed, _ => Timers.StartSingleTimer(Tick.Send, Tick.Send, SessionBounds.GatherNotices));
        Receive<Tick>(tick => tick == Tick.Send, _ => Send());
        Receive<Tick>(tick => tick == Tick.Resend, _ => Resend());
        Receive<Tick>(tick => tick == Tick.Wake, _ => Wake());
        Receive<SessionsKnown>(Note);
        Receive<Status.Failure>(_ => { });
    }

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(Tick.Resend, Tick.Resend, SessionBounds.ResendInterval);
        WakeLater();
        AwaitNotices();
    }

    protected override void PostStop()
    {
        _stopping.Cancel();
        Dispose();
    }

    public void Dispose() => _stopping.Dispose();

    private void WakeLater() => Timers.StartSingleTimer(Tick.Wake, Tick.Wake, SessionBounds.ExpiryInterval(
        _plane.Topology.Pools.Values.Select(p => p.Affinity.IdleTimeout).DefaultIfEmpty(TimeSpan.FromDays(1)).Min()));

    private void AwaitNotices() =>
        _plane.Sessions.Notices.WaitToReadAsync(_stopping.Token).AsTask().PipeTo(Self, success: _ => Tick.Noticed);

    private void Send()
    {
        _batch.Clear();
        while (_batch.Count < SessionBounds.NoticesPerBatchMax && _plane.Sessions.Notices.TryRead(out SessionNotice notice))
        {
            _batch.Add(notice);
        }

        Tell(_batch);
        AwaitNotices();
    }

    private void Resend()
    {
        while (_plane.UnknownKeys.TryTake(out ushort key))
        {
            Log.UnknownKey(_logger, key);
        }

        uint now = _plane.Clock.Ending;
        Topology topology = _plane.Topology;
        foreach (string gone in _resend.Keys.Where(p => !topology.Pools.ContainsKey(p)).ToArray())
        {
            _resend.Remove(gone);
        }

        foreach ((string pool, BindingTable table) in _plane.Tables)
        {
            if (!topology.Pools.TryGetValue(pool, out PoolSettings? settings))
            {
                continue;
            }

            table.Expire(now, settings.Affinity.IdleTimeout);
            _plane.Learned.GetValueOrDefault(pool)?.Expire();
            (_resend[pool], var due) = _resend.GetValueOrDefault(pool, ResendState.Empty).Look(table.Provisional, SessionBounds.ResentMax);
            Tell(due.Select(binding => new SessionNotice(pool, binding, SessionNoticeKind.Adopted)));
        }
    }

    // After a restart of all nodes nobody has asked for an owner yet, and what nobody uses any more would stay for ever.
    private void Wake()
    {
        WakeLater();
        uint now = _plane.Clock.Ending;
        Topology topology = _plane.Topology;
        foreach ((string pool, BindingTable table) in _plane.Tables)
        {
            if (!topology.Pools.TryGetValue(pool, out PoolSettings? settings))
            {
                continue;
            }

            uint overdue = SessionBounds.OverdueBefore(now, settings.Affinity.IdleTimeout);
            ImmutableArray<IBucketMessage> wakes =
            [
                .. Enumerable.Range(0, BucketId.Count)
                    .Where(i => table.Replicated(i).HasOlder(overdue))
                    .Select(i => new TouchSessions(new BucketId(pool, i), [])),
            ];
            if (!wakes.IsEmpty)
            {
                _relay.Tell(new SessionsNoticed(wakes), Self);
            }
        }
    }

    private void Tell(IEnumerable<SessionNotice> notices)
    {
        ImmutableArray<IBucketMessage> messages = [.. SessionBatches.Of(notices)];
        if (!messages.IsEmpty)
        {
            _relay.Tell(new SessionsNoticed(messages), Self);
        }
    }

    private void Note(SessionsKnown known)
    {
        if (_plane.Tables.TryGetValue(known.Bucket.Pool, out BindingTable? table))
        {
            foreach (Binding binding in known.Bindings)
            {
                table.Note(binding);
            }
        }
    }

    private enum Tick
    {
        Noticed,
        Send,
        Resend,
        Wake,
    }
}
