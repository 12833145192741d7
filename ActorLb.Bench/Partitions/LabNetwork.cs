namespace ActorLb.Bench.Partitions;

/// <summary>
/// A bridge in this process's own network namespace, and a namespace for each node on it. The namespaces have no names:
/// the kernel takes them back with the last process in them, however that ended.
/// </summary>
internal sealed class LabNetwork : IAsyncDisposable
{
    private const string Subnet = "10.77.0";
    private const string Bridge = "lab";

    private readonly List<LabProcess> _places = [];

    /// <summary>Reached from all nodes, whatever is cut.</summary>
    public static string HubAddress => $"{Subnet}.254";

    public static string AddressOf(int node) => $"{Subnet}.{node + 1}";

    public static async Task<LabNetwork> BuildAsync(int nodes)
    {
        await ShellAsync($"ip link set lo up; ip link add {Bridge} type bridge; ip addr add {HubAddress}/24 dev {Bridge}; ip link set {Bridge} up");
        var network = new LabNetwork();
        for (int i = 0; i < nodes; i++)
        {
            await network.AddAsync(i);
        }

        return network;
    }

    /// <summary>Words to put before a command to run it where the node is.</summary>
    public string[] Enter(int node) => ["nsenter", "-t", $"{_places[node].Id}", "-n"];

    /// <summary>From now on these packets are lost, and no others.</summary>
    public Task LoseAsync(IEnumerable<(int From, int To)> links)
    {
        ILookup<int, int> byReceiver = links.ToLookup(l => l.To, l => l.From);
        return Task.WhenAll(_places.Select((_, node) => FilterAsync(node, byReceiver[node])));
    }

    public async ValueTask DisposeAsync()
    {
        // The kernel takes back a namespace some time after its last process; the next network may want the name before.
        for (int i = 0; i < _places.Count; i++)
        {
            await ShellAsync($"ip link del {Bridge}{i}");
            await _places[i].DisposeAsync();
        }

        await ShellAsync($"ip link del {Bridge}");
    }

    private static Task<string> ShellAsync(string script) => LabProcess.RunAsync("sh", "-ec", script);

    private async Task AddAsync(int node)
    {
        string own = await LabProcess.RunAsync("readlink", "/proc/self/ns/net");
        LabProcess place = LabProcess.Start("unshare", "-n", "cat");
        _places.Add(place);
        while (await LabProcess.RunAsync("readlink", $"/proc/{place.Id}/ns/net") == own)
        {
            await Task.Delay(10);
        }

        await ShellAsync($"ip link add {Bridge}{node} type veth peer name eth0 netns {place.Id}; ip link set {Bridge}{node} master {Bridge} up");
        await ShellAsync($"nsenter -t {place.Id} -n sh -ec 'ip link set lo up; ip addr add {AddressOf(node)}/24 dev eth0; ip link set eth0 up'");
    }

    private Task<string> FilterAsync(int node, IEnumerable<int> lostFrom)
    {
        string rules = string.Concat(lostFrom.Select(n => $"-A INPUT -s {AddressOf(n)} -j DROP\n"));
        return ShellAsync($"printf '%s' '*filter\n:INPUT ACCEPT\n{rules}COMMIT\n' | {string.Join(' ', Enter(node))} iptables-restore -w 5");
    }
}
