using System.Collections.Immutable;
using System.Net;
using ActorLb.Node.Cluster.Connections;
using ActorLb.Node.Supervision;
using ActorLb.Shared.Settings;
using Akka.Actor;
using Akka.Cluster;
using Microsoft.Extensions.Logging;
using ClusterSettings = ActorLb.Shared.Settings.ClusterSettings;

namespace ActorLb.Node.Cluster.Discovery;

/// <summary>
/// Brings this node into a cluster, and clusters that were parted together again. <see cref="FormationState"/> and
/// <see cref="HealingState"/> decide; this actor asks, answers and tells Akka.
/// </summary>
internal sealed class DiscoveryActor : ReceiveActor, INodeActor, IWithTimers
{
    public static string Name => "discovery";

    /// <summary>The role that carries when a node's control plane started.</summary>
    private const string SinceRole = "since=";

    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a member looks its name up again.</summary>
    private static readonly TimeSpan LookUpInterval = TimeSpan.FromSeconds(2);

    /// <summary>After this without being taken in, the node looks again: who was to take it in may have died.</summary>
    private static readonly TimeSpan JoinTimeout = TimeSpan.FromSeconds(5);

    private readonly Akka.Cluster.Cluster _cluster = Akka.Cluster.Cluster.Get(Context.System);
    private readonly ClusterSettings _settings;
    private readonly DiscoveryLinks _links;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly HostPort _self;
    private readonly KnownAddresses _addresses;
    private readonly ClusterNames _names;
    private readonly NameLookUps? _lookUps;
    private FormationState _formation;
    private HealingState _healing = HealingState.Nothing;
    private Standing _standing = Standing.Looking;
    private ImmutableHashSet<HostPort> _named = [];
    private DateTimeOffset _joiningUntil;
    private bool _leaves;

    public DiscoveryActor(ClusterSettings settings, DiscoveryLinks links, ILogger<DiscoveryActor> logger, TimeProvider time)
    {
        _settings = settings;
        _links = links;
        _logger = logger;
        _time = time;
        _self = NodeAddresses.Of(_cluster.SelfAddress);
        _names = new ClusterNames(settings.Name, logger);
        _lookUps = settings.Dns is { } dns ? new NameLookUps(dns.Name, links.Resolver, logger, time) : null;
        _addresses = new KnownAddresses([.. settings.Seeds, .. links.Remembered]);
        if (settings.Dns is not null || _addresses.All.Any(a => a != _self))
        {
            // Before the time begins in which the others must answer: a cold start of it may take as long.
            links.Outsider.Start();
        }

        _formation = Formation();
        Receive<AskCluster>(ask =>
        {
            Sender.Tell(Report());
            if (_names.Belongs(ask.Asker))
            {
                Heard(ask.Asker);
            }
        });
        Receive<AskHeard>(ask => Sender.Tell(new HeardMember(ask.Address, ask.Uid, IsHeard(ask))));
        Receive<Tick>(_ => Step());
        Receive<Answer>(Answered);
        Receive<LookedUp>(found => Found(found.Addresses));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The role by which a node tells its age.</summary>
    public static string RoleOf(DateTimeOffset startedAt) => $"{SinceRole}{startedAt.ToUnixTimeMilliseconds()}";

    // An actor that starts anew has a cluster already, and must not tell the others that it looks for one.
    protected override void PreStart()
    {
        _standing = IsTakenIn() ? Standing.Joining : Standing.Looking;
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, TimeSpan.Zero, LookInterval);
    }

    private static long SinceOf(Member member) =>
        member.Roles.FirstOrDefault(r => r.StartsWith(SinceRole, StringComparison.Ordinal)) is { } role
        && long.TryParse(role.AsSpan(SinceRole.Length), out long since)
            ? since
            : long.MaxValue;

    private void Answered(Answer answer)
    {
        ClusterReport? report = answer.Report is { } told && _names.Belongs(told) ? answer.Report : null;
        _addresses.Ended(answer.From, answered: report is not null);
        if (report is not null)
        {
            Heard(report);
            return;
        }

        // It may have asked in the meantime, and only the answer was slow.
        if (_addresses.WasHeardSince(answer.From, answer.AskedAt))
        {
            return;
        }

        _addresses.FellSilent(answer.From);
        if (_standing == Standing.Looking)
        {
            _formation = _formation.Silent(answer.From);
        }
    }

    private void Step()
    {
        LookUp();
        switch (_standing)
        {
            case Standing.Looking:
                Ask(_formation.Others);
                Decide();
                break;
            case Standing.Joining when _cluster.SelfMember.Status == MemberStatus.Up:
                _standing = Standing.Member;
                Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, _settings.HealInterval);
                break;
            case Standing.Joining when _time.GetUtcNow() >= _joiningUntil && !IsTakenIn():
                Log.NotTakenIn(_logger, JoinTimeout);
                _standing = Standing.Looking;
                _formation = Formation();
                break;
            case Standing.Member when !_leaves:
                Remember();
                Ask(_addresses.All.Except(_cluster.State.Members.Select(m => NodeAddresses.Of(m.Address))).Where(a => a != _self));
                break;
        }
    }

    // A member that died leaves the reports of the others within stable-after and the time it takes to notice.
    private FormationState Formation()
    {
        FormationState state = FormationState.Of(
            _self, _addresses.All, _time.GetUtcNow(), _settings.FormAfter, _settings.FormAfter + (3 * _settings.StableAfter));
        return _settings.Dns is { } dns ? state.Named(dns.RequiredNodes) : state;
    }

    private void LookUp()
    {
        if (_lookUps is { } lookUps && lookUps.TryBegin())
        {
            _ = TellLookedUpAsync(Self, lookUps);
        }
    }

    private static async Task TellLookedUpAsync(IActorRef self, NameLookUps lookUps) => self.Tell(new LookedUp(await lookUps.ResolveAsync()));

    private void Found(ImmutableArray<IPAddress>? addresses)
    {
        _lookUps!.Ended(addresses, _standing == Standing.Looking ? LookInterval : LookUpInterval);
        if (addresses is { } found)
        {
            if (_settings.Dns is { FindsHost: true } && !_leaves && found.Any(a => !IPAddress.IsLoopback(a)) && OwnAddress.IsGone(_self.Host))
            {
                _leaves = true;
                _links.Moved();
                Log.OwnAddressGone(_logger, _self.Host);
                if (_standing == Standing.Member)
                {
                    _cluster.Down(_cluster.SelfAddress);
                }
                else
                {
                    _ = Context.System.Terminate();
                }

                return;
            }

            _named = [.. found.Select(a => new HostPort(a.ToString(), _self.Port))];
            Learn(_named);
            if (_standing == Standing.Looking)
            {
                _formation = _formation.Found(_named);
                Ask(_formation.Others);
                Decide();
            }
        }
    }

    private bool IsHeard(AskHeard ask) =>
        _cluster.State.Members.FirstOrDefault(m => m.UniqueAddress.Uid == ask.Uid && NodeAddresses.Of(m.Address) == ask.Address) is { } member
        && _cluster.FailureDetector.IsMonitoring(member.Address)
        && _cluster.FailureDetector.IsAvailable(member.Address);

    // Akka's member list has this node in it from when its join was accepted.
    private bool IsTakenIn() => _cluster.State.Members.Any(m => m.UniqueAddress == _cluster.SelfUniqueAddress);

    private void Ask(IEnumerable<HostPort> addresses)
    {
        IActorRef self = Self;
        foreach (HostPort address in addresses.Where(_addresses.TryAsk))
        {
            _ = TellAnswerAsync(self, address, _time.GetUtcNow(), new AskCluster(Report()));
        }
    }

    private async Task TellAnswerAsync(IActorRef self, HostPort address, DateTimeOffset askedAt, AskCluster question) =>
        self.Tell(new Answer(address, askedAt, await _links.Outsider.AskAsync(address, question)));

    private void Heard(ClusterReport report)
    {
        Learn(report.View.Members.Select(m => m.Address).Append(report.Address));
        _addresses.Heard(report.Address, _time.GetUtcNow());

        if (_standing == Standing.Looking)
        {
            _formation = _formation.Heard(report);
            Decide();
        }
        else if (_standing == Standing.Member && !_leaves)
        {
            (_healing, _leaves) = _healing.Heard(View(), IsAtRest(), report, _addresses.Answers);
            if (_leaves)
            {
                _links.Moved();
                Log.ClustersMet(_logger, View(), report.View);
                _cluster.Down(_cluster.SelfAddress);
            }
        }
    }

    private void Decide()
    {
        FormationStep step = _formation.Next(_time.GetUtcNow());
        if (step.Forms)
        {
            Log.ClusterFormed(_logger);
            _links.Formed();
            Join();
            _cluster.Join(_cluster.SelfAddress);
        }
        else if (!step.Join.IsEmpty)
        {
            Log.ClusterJoined(_logger, string.Join(", ", step.Join));
            Join();
            _cluster.JoinSeedNodes(
                [.. step.Join.Select(a => NodeAddresses.ToAkka(a, _cluster.SelfAddress.Protocol, _cluster.SelfAddress.System))]);
        }
    }

    private void Join()
    {
        _standing = Standing.Joining;
        _joiningUntil = _time.GetUtcNow() + JoinTimeout;
    }

    private ClusterReport Report() =>
        new(_self, _standing, _standing == Standing.Member && !_leaves ? View() : ClusterView.Of([])) { Cluster = _settings.Name };

    private ClusterView View()
    {
        ClusterEvent.CurrentClusterState state = _cluster.State;
        return ClusterView.Of(state.Members
            .Where(m => m.Status == MemberStatus.Up && !state.Unreachable.Contains(m))
            .Select(m => new ClusterMember(NodeAddresses.Of(m.Address), m.UniqueAddress.Uid, SinceOf(m))));
    }

    // Who is down has left, perhaps to the same better cluster: to wait until it is removed would change nothing.
    private bool IsAtRest()
    {
        ClusterEvent.CurrentClusterState state = _cluster.State;
        return state.Members.All(m => m.Status is MemberStatus.Down or MemberStatus.Exiting
            || (m.Status == MemberStatus.Up && !state.Unreachable.Contains(m)));
    }

    private void Remember() => Learn(_cluster.State.Members.Select(m => NodeAddresses.Of(m.Address)));

    private void Learn(IEnumerable<HostPort> addresses)
    {
        if (_addresses.Learn(addresses, Needed))
        {
            _links.Remembered = [.. _addresses.All];
        }
    }

    private IEnumerable<HostPort> Needed() =>
        [_self, .. _settings.Seeds, .. _named, .. _cluster.State.Members.Select(m => NodeAddresses.Of(m.Address))];

    private sealed record LookedUp(ImmutableArray<IPAddress>? Addresses);

    private sealed record Answer(HostPort From, DateTimeOffset AskedAt, ClusterReport? Report);

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
