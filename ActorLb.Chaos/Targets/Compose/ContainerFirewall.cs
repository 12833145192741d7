using ActorLb.Chaos.Lab;

namespace ActorLb.Chaos.Targets.Compose;

/// <param name="From">IPv4 address.</param>
/// <param name="Share">0 to 1.</param>
internal sealed record LostPackets(string From, double Share);

/// <summary>Loses packets on their way into containers, from outside of them: with the engine's machine as root.</summary>
internal sealed class ContainerFirewall
{
    private ContainerFirewall(string? whyNot) => WhyNot = whyNot;

    /// <summary>Null where it can be done.</summary>
    public string? WhyNot { get; }

    public static async Task<ContainerFirewall> CreateAsync()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return new ContainerFirewall("it needs root on the engine's machine");
        }

        try
        {
            await ChildProcess.ShellAsync("command -v nsenter iptables");
            return new ContainerFirewall(null);
        }
        catch (InvalidOperationException)
        {
            return new ContainerFirewall("it needs util-linux and iptables");
        }
    }

    /// <summary>These are lost from now on, and no others. In a chain of its own: the engine's own rules stay.</summary>
    public static Task SetAsync(IEnumerable<Container> nodes, ILookup<string, LostPackets> lostByNode) => Task.WhenAll(nodes
        .Where(n => n.Process > 0)
        .Select(n => ChildProcess.ShellAsync($"""
            tables() {'{'} nsenter -t {n.Process} -n iptables -w 5 "$@"; {'}'}
            tables -N CHAOS 2> /dev/null || true
            tables -C INPUT -j CHAOS 2> /dev/null || tables -A INPUT -j CHAOS
            tables -F CHAOS
            {string.Join('\n', lostByNode[n.Name].Select(Rule))}
            """)));

    private static string Rule(LostPackets lost) =>
        $"tables -A CHAOS -s {lost.From}{(lost.Share < 1 ? FormattableString.Invariant($" -m statistic --mode random --probability {lost.Share:F3}") : "")} -j DROP";
}
