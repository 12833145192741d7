namespace ActorLb.Chaos.Lab;

/// <summary>Where the processes of a run listen, and what may be done to the network between them.</summary>
internal interface IPlaces : IAsyncDisposable
{
    /// <summary>Whether packets can be lost here, and directories be made too small.</summary>
    bool CanBreak { get; }

    /// <summary>Where the backends are, and the clients.</summary>
    string HubAddress { get; }

    string AddressOf(int node);

    /// <summary>Words to put before a command to run it where the node is.</summary>
    string[] Enter(int node);

    /// <summary>Filter rules in iptables' words for what arrives at each node; none of before stay.</summary>
    Task FilterAsync(ILookup<int, string> rulesByNode);
}

/// <summary>Addresses of loopback: works everywhere, and nothing about it can be broken.</summary>
internal sealed class LoopbackPlaces : IPlaces
{
    public bool CanBreak => false;

    public string HubAddress => "127.77.0.254";

    public string AddressOf(int node) => $"127.77.0.{node + 1}";

    public string[] Enter(int node) => [];

    public Task FilterAsync(ILookup<int, string> rulesByNode) => throw new NotSupportedException("loopback has no network to break");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
