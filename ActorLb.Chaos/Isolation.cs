using ActorLb.Chaos.Targets;
using ActorLb.Node.Cli;

namespace ActorLb.Chaos;

/// <summary>Runs this program once more, in a network and a mount namespace of its own, where this machine lets it.</summary>
internal static class Isolation
{
    /// <summary>Says that this process is already there.</summary>
    public const string InsideOption = "--in-namespaces";

    /// <returns>Why it is not possible here; null where it is.</returns>
    public static async Task<string?> WhyNotAsync()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return "it needs root on Linux";
        }

        try
        {
            await ChildProcess.RunAsync(
                "unshare", "-n", "-m", "sh", "-ec",
                "ip link add chaos type bridge; ip link add one type veth peer name other; iptables -A INPUT -s 10.77.0.1 -m statistic --mode random --probability 0.5 -j DROP; command -v nsenter iptables-restore");
            return null;
        }
        catch (InvalidOperationException e)
        {
            return $"it needs util-linux, iproute2, iptables and the right to make namespaces: {e.Message.Split('\n')[0]}";
        }
    }

    /// <returns>Its exit code.</returns>
    public static async Task<int> RunInsideAsync(ChaosOptions options, CancellationToken stops)
    {
        SelfCommand self = SelfCommand.OfThisProcess();
        string[] program = self.Prefix.Length > 0 ? [self.Program, typeof(Isolation).Assembly.Location] : [self.Program];
        await using ChildProcess inside = ChildProcess.Start("unshare", ["-n", "-m", .. program, InsideOption, .. options.ToArguments()]);
        await using CancellationTokenRegistration registration = stops.Register(() => _ = inside.SignalAsync("INT"));
        return await inside.WhenEndedAsync();
    }
}
