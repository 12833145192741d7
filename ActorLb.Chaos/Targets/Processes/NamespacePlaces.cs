namespace ActorLb.Chaos.Targets.Processes;

/// <summary>
/// A bridge in this process's own network namespace, and a namespace for each node on it. The namespaces have no names:
/// the kernel takes them back with the last process in them, however that ended.
/// </summary>
internal sealed class NamespacePlaces : IPlaces
{
    private const string Subnet = "10.77.0";
    private const string Bridge = "chaos";

    private readonly List<ChildProcess> _places = [];

    public bool CanBreak => true;

    public string HubAddress => $"{Subnet}.254";

    public static async Task<NamespacePlaces> BuildAsync(int nodes)
    {
        var places = new NamespacePlaces();
        await ChildProcess.ShellAsync($"ip link set lo up; ip link add {Bridge} type bridge; ip addr add {places.HubAddress}/24 dev {Bridge}; ip link set {Bridge} up");
        for (int i = 0; i < nodes; i++)
        {
            await places.AddAsync(i);
        }

        return places;
    }

    public string AddressOf(int node) => $"{Subnet}.{node + 1}";

    public string[] Enter(int node) => ["nsenter", "-t", $"{_places[node].Id}", "-n"];

    public Task FilterAsync(ILookup<int, string> rulesByNode) => Task.WhenAll(_places.Select((_, node) =>
    {
        string rules = string.Concat(rulesByNode[node].Select(r => $"-A INPUT {r}\n"));
        return ChildProcess.ShellAsync($"printf '%s' '*filter\n:INPUT ACCEPT\n{rules}COMMIT\n' | {string.Join(' ', Enter(node))} iptables-restore -w 5");
    }));

    public async ValueTask DisposeAsync()
    {
        foreach (ChildProcess place in _places)
        {
            await place.DisposeAsync();
        }
    }

    private async Task AddAsync(int node)
    {
        string own = await ChildProcess.RunAsync("readlink", "/proc/self/ns/net");
        ChildProcess place = ChildProcess.Start("unshare", "-n", "cat");
        _places.Add(place);
        while (await ChildProcess.RunAsync("readlink", $"/proc/{place.Id}/ns/net") == own)
        {
            await Task.Delay(10);
        }

        await ChildProcess.ShellAsync($"ip link add {Bridge}{node} type veth peer name eth0 netns {place.Id}; ip link set {Bridge}{node} master {Bridge} up");
        await ChildProcess.ShellAsync($"nsenter -t {place.Id} -n sh -ec 'ip link set lo up; ip addr add {AddressOf(node)}/24 dev eth0; ip link set eth0 up'");
    }
}
