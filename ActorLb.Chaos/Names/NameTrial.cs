using System.Globalization;
using System.Net;
using ActorLb.Chaos.Lab;
using ActorLb.Node.Admin;

namespace ActorLb.Chaos.Names;

/// <summary>One trial, from the start of all nodes until they are one cluster for good, and the judgement of it.</summary>
internal sealed class NameTrial : IAsyncDisposable
{
    private const string Name = "lb.test";

    /// <summary>The longest that serving and one cluster may take on a free machine, from when nothing stands in their way any more.</summary>
    private const double SecondsMax = 15;

    /// <summary>How long one cluster must last to be believed.</summary>
    private static readonly TimeSpan Lasting = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(60);

    /// <summary>How long the place of a node that is killed in a cut stays empty.</summary>
    private static readonly TimeSpan AwayFor = TimeSpan.FromSeconds(1);

    private readonly NamePlan _plan;
    private readonly LabNetwork _network;
    private readonly NameServer _names;
    private readonly LabNode[] _nodes;
    private readonly List<string> _broken = [];

    private NameTrial(NamePlan plan, LabNetwork network, string folder)
    {
        _plan = plan;
        _network = network;
        _names = new NameServer(LabNetwork.HubAddress, new DnsZone(Name, [], DnsManner.Answers));
        var resolver = new OwnResolver(folder, plan.Course == NameCourse.Slow);

        // A pool must be; nobody listens there, which every node knows at once.
        string settings = $$"""
              cluster { secret = "{{LabSecret.Text}}", discovery { method = dns, dns.name = "{{Name}}" } }
              pools { web { backends = ["http://{{LabNetwork.HubAddress}}:9001"] } }
            """;
        _nodes = [.. Enumerable.Range(0, plan.Nodes).Select(i => new LabNode(network, folder, i, settings, resolver.Within))];
    }

    /// <param name="folder">For the nodes' files and logs; there, and empty.</param>
    public static async Task<NameResult> RunAsync(NamePlan plan, string folder)
    {
        LabNetwork network = await LabNetwork.BuildAsync(plan.Nodes);
        await using var trial = new NameTrial(plan, network, folder);
        return await trial.RunAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (LabNode node in _nodes)
        {
            await node.DisposeAsync();
        }

        await _names.DisposeAsync();
        await _network.DisposeAsync();
    }

    private static double SecondsSince(long from) => TimeProvider.System.GetElapsedTime(from).TotalSeconds;

    private async Task<NameResult> RunAsync()
    {
        if (_plan.Course != NameCourse.Growing)
        {
            LeadTo(_plan.Nodes, _plan.Before);
        }

        long startedAt = TimeProvider.System.GetTimestamp();
        Array.ForEach(_nodes, n => n.Start());
        Task<double?> running = LastAsync(startedAt, async n => await n.StatusAsync() is not null);
        Task<double?> serving = LastAsync(startedAt, n => n.IsReadyAsync());
        double completeAt = await CompleteNameAsync(startedAt);
        double? oneAt = await BecomeOneAsync(startedAt, "at the start");

        // A busy machine takes long to start a process, and as much longer for what the process then starts within.
        double? up = await running;
        double? served = await serving - up;
        double? one = oneAt - Math.Max(up ?? 0, completeAt) is { } seconds ? Math.Max(seconds, 0) : null;
        long? formed = await CountAsync("actorlb_clusters_formed_total");
        Limit("serving", served, SecondsMax + (up ?? 0));
        Limit("one cluster", one, SecondsMax + (up ?? 0));

        double load = double.Parse((await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0], CultureInfo.InvariantCulture);
        double? again = null;
        if (one is not null && await ChangeAsync() is { } changedAt)
        {
            again = await BecomeOneAsync(changedAt, "after the change");
            Limit("one cluster again", again, SecondsMax);
        }

        return new NameResult(_plan, load, up, served, one, formed, again, await CountAsync("actorlb_control_plane_restarts_total"), _broken);
    }

    // Seconds until the name led to all nodes.
    private async Task<double> CompleteNameAsync(long startedAt)
    {
        if (_plan.Course is NameCourse.Growing)
        {
            for (int i = 1; i <= _plan.Nodes; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(_plan.Seconds / _plan.Nodes));
                LeadTo(i, DnsManner.Answers);
            }
        }
        else if (_plan.Course is NameCourse.Late)
        {
            await Task.Delay(TimeSpan.FromSeconds(_plan.Seconds));
            LeadTo(_plan.Nodes, DnsManner.Answers);
        }
        else
        {
            return 0;
        }

        return SecondsSince(startedAt);
    }

    // Null where the course has no second act.
    private async Task<long?> ChangeAsync()
    {
        switch (_plan.Course)
        {
            case NameCourse.Returned:
                await _nodes[_plan.Node].KillAsync();
                await Task.Delay(TimeSpan.FromSeconds(_plan.Seconds));
                await MoveAsync();
                _nodes[_plan.Node].Start();
                break;
            case NameCourse.Readdressed:
                await MoveAsync();
                break;
            case NameCourse.Cut:
                await CutAsync();
                break;
            default:
                return null;
        }

        return TimeProvider.System.GetTimestamp();
    }

    private async Task CutAsync()
    {
        int[] one = _plan.Sides[0];
        int[] other = _plan.Sides[1];
        await _network.LoseAsync(one.SelectMany(a => other.SelectMany(b => new[] { (a, b), (b, a) })));
        Task lasts = Task.Delay(TimeSpan.FromSeconds(_plan.Seconds));
        if (_plan.ReturnsInCut)
        {
            await _nodes[_plan.Node].KillAsync();
            await Task.Delay(AwayFor);
            await MoveAsync();
            _nodes[_plan.Node].Start();
        }

        await lasts;
        if (IsWhole(await StatusAsync()))
        {
            _broken.Add("the cut cut nothing");
        }

        await _network.LoseAsync([]);
    }

    private async Task MoveAsync()
    {
        await _network.ReaddressAsync(_plan.Node);
        LeadTo(_plan.Nodes, DnsManner.Answers);
    }

    private void LeadTo(int nodes, DnsManner manner)
    {
        // A node alone whose name has nothing but dead addresses is not among them: nothing tells it that it is the one.
        IEnumerable<string> living = _plan.Course == NameCourse.Alone && _plan.Dead.Length > 0 ? [] : Enumerable.Range(0, nodes).Select(_network.AddressOf);
        _names.Zone = new DnsZone(Name, [.. living.Concat(_plan.Dead).Select(IPAddress.Parse)], manner);
    }

    private async Task<double?> BecomeOneAsync(long from, string when)
    {
        double? one = null;
        StatusDocument?[] status = [];
        while (SecondsSince(from) < GiveUpAfter.TotalSeconds)
        {
            status = await StatusAsync();
            if (IsWhole(status))
            {
                one ??= SecondsSince(from);
                if (SecondsSince(from) - one > Lasting.TotalSeconds)
                {
                    return one;
                }
            }
            else if (one is not null)
            {
                _broken.Add($"{when}, one cluster after {one:F1} s and not {SecondsSince(from) - one:F1} s later: {LabStatus.Describe(_nodes, status)}");
                one = null;
            }

            await Task.Delay(100);
        }

        _broken.Add($"{when}, {LabStatus.Describe(_nodes, status)}");
        return null;
    }

    // Seconds until the last node is so; null where one is not within the limit.
    private async Task<double?> LastAsync(long from, Func<LabNode, Task<bool>> isSo)
    {
        double?[] each = await Task.WhenAll(_nodes.Select(async node =>
        {
            while (SecondsSince(from) < GiveUpAfter.TotalSeconds)
            {
                if (await isSo(node))
                {
                    return SecondsSince(from);
                }

                await Task.Delay(50);
            }

            return (double?)null;
        }));
        return each.Contains(null) ? null : each.Max();
    }

    // By address too: a node that left for another one may still be counted where it was.
    private bool IsWhole(StatusDocument?[] status)
    {
        HashSet<string> all = [.. _nodes.Select((_, i) => $"akka.tcp://actorlb@{_network.AddressOf(i)}:8110")];
        return LabStatus.IsOneCluster(status) && status.All(s => all.SetEquals(s!.Members.Select(m => m.Address)));
    }

    private Task<StatusDocument?[]> StatusAsync() => Task.WhenAll(_nodes.Select(n => n.StatusAsync()));

    // Null where a node does not answer.
    private async Task<long?> CountAsync(string counter)
    {
        try
        {
            return (await Task.WhenAll(_nodes.Select(n => n.CounterAsync(counter)))).Sum();
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    private void Limit(string what, double? seconds, double secondsMax)
    {
        if (seconds is null || seconds > secondsMax)
        {
            _broken.Add($"{what} took longer than {secondsMax:F1} s");
        }
    }
}
