namespace ActorLb.Chaos.Lab;

/// <summary>
/// A bridge in this process's own network namespace, and a namespace for each node on it. The namespaces have no names:
/// the kernel takes them back with the last process in them, however that ended.
/// </summary>
internal sealed class LabNetwork : IPlaces
{
    private const string Subnet = "10.77.0";
    private const string Lost = "10.78.0";
    private const string Bridge = "lab";

    private readonly List<ChildProcess> _places = [];
    private readonly List<string> _addresses = [];
    private (int From, int To)[] _lostLinks = [];

    /// <summary>Reached from all nodes, whatever is cut.</summary>
    public static string HubAddress => $"{Subnet}.254";

    bool IPlaces.CanBreak => true;

    string IPlaces.HubAddress => HubAddress;

    /// <summary>An address of the nodes' network at which no host is: the kernel says so after some seconds.</summary>
    public static string AbsentAddress => $"{Subnet}.253";

    /// <summary>An address behind the hub, from which nothing ever comes back.</summary>
    public static string SilentAddress => $"{Lost}.1";

    /// <summary>A script that fails where such networks cannot be built.</summary>
    public static string Attempt =>
        $"ip link add {Bridge} type bridge; ip link add one type veth peer name other; ip route add blackhole {Lost}.0/24; "
        + "iptables -A INPUT -s 10.77.0.1 -m statistic --mode random --probability 0.5 -j DROP; command -v nsenter iptables-restore";

    public static async Task<LabNetwork> BuildAsync(int nodes)
    {
        await ShellAsync(
            $"ip link set lo up; ip link add {Bridge} type bridge; ip addr add {HubAddress}/24 dev {Bridge}; ip link set {Bridge} up; "
            + $"ip route replace blackhole {Lost}.0/24");
        var network = new LabNetwork();
        for (int i = 0; i < nodes; i++)
        {
            await network.AddAsync(i);
        }

        return network;
    }

    /// <summary>Where the node with this number is now.</summary>
    public string AddressOf(int node) => _addresses[node];

    /// <summary>Takes the node's address away and gives it another one, which nobody had before in this network.</summary>
    public async Task ReaddressAsync(int node)
    {
        await ShellAsync($"{string.Join(' ', Enter(node))} ip addr flush dev eth0");
        _addresses[node] = NextAddress(_addresses.Max(LastPart));
        await AddressAsync(node);
        await LoseAsync(_lostLinks);
    }

    /// <summary>Words to put before a command to run it where the node is.</summary>
    public string[] Enter(int node) => ["nsenter", "-t", $"{_places[node].Id}", "-n"];

    /// <summary>From now on these packets are lost, and no others.</summary>
    public Task LoseAsync(IEnumerable<(int From, int To)> links)
    {
        _lostLinks = [.. links];
        return FilterAsync(_lostLinks.ToLookup(l => l.To, l => $"-s {AddressOf(l.From)} -j DROP"));
    }

    public Task FilterAsync(ILookup<int, string> rulesByNode) => Task.WhenAll(_places.Select((_, node) =>
    {
        string rules = string.Concat(rulesByNode[node].Select(r => $"-A INPUT {r}\n"));
        return ShellAsync($"printf '%s' '*filter\n:INPUT ACCEPT\n{rules}COMMIT\n' | {string.Join(' ', Enter(node))} iptables-restore -w 5");
    }));

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

    private static Task<string> ShellAsync(string script) => ChildProcess.ShellAsync(script);

    private static int LastPart(string address) => int.Parse(address.AsSpan(Subnet.Length + 1));

    private static string NextAddress(int last) => $"{Subnet}.{last + 1}";

    private async Task AddAsync(int node)
    {
        string own = await ChildProcess.RunAsync("readlink", "/proc/self/ns/net");
        ChildProcess place = ChildProcess.Start("unshare", "-n", "cat");
        _places.Add(place);
        while (await ChildProcess.RunAsync("readlink", $"/proc/{place.Id}/ns/net") == own)
        {
            await Task.Delay(10);
        }

        _addresses.Add(NextAddress(node));
        await ShellAsync($"ip link add {Bridge}{node} type veth peer name eth0 netns {place.Id}; ip link set {Bridge}{node} master {Bridge} up");
        await ShellAsync($"{string.Join(' ', Enter(node))} sh -ec 'ip link set lo up; ip link set eth0 up'");
        await AddressAsync(node);
    }

    // The kernel drops the route with the address over which it went.
    private Task<string> AddressAsync(int node) => ShellAsync(
        $"{string.Join(' ', Enter(node))} sh -ec 'ip addr add {_addresses[node]}/24 dev eth0; ip route replace default via {HubAddress}'");
}
