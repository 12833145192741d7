using ActorLb.Node.Cli;

namespace ActorLb.Chaos.Lab;

/// <summary>Runs this program once more, in a network and a mount namespace of its own, where it may build and break what it likes.</summary>
internal static class Isolation
{
    /// <summary>Says that this process is already there.</summary>
    public const string InsideOption = "--in-namespaces";

    /// <param name="attempt">A script for namespaces to be thrown away: it fails where this machine cannot do it.</param>
    /// <returns>Why it is not possible here; null where it is.</returns>
    public static async Task<string?> WhyNotAsync(string attempt)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return "it needs root on Linux";
        }

        if (!File.Exists(NodeProgram.Path))
        {
            return $"{NodeProgram.Path} is missing: build the solution";
        }

        try
        {
            await ChildProcess.RunAsync("unshare", "-n", "-m", "sh", "-ec", attempt);
            return null;
        }
        catch (InvalidOperationException e)
        {
            return $"it needs util-linux, iproute2, iptables and the right to make namespaces: {e.Message}";
        }
    }

    /// <summary>Its stdin is ours to hold: it ends when we do, and its network with it.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RunInsideAsync(IEnumerable<string> arguments, CancellationToken stops)
    {
        SelfCommand self = SelfCommand.OfThisProcess();
        string[] program = self.Prefix.Length > 0 ? [self.Program, typeof(Isolation).Assembly.Location] : [self.Program];
        await using ChildProcess inside = ChildProcess.Start("unshare", ["-n", "-m", .. program, .. arguments, InsideOption]);
        await using CancellationTokenRegistration registration = stops.Register(() => _ = inside.SignalAsync("INT"));
        return await inside.WhenEndedAsync();
    }

    /// <summary>In the namespaces: fires when the process outside has ended, or <paramref name="stops"/> does.</summary>
    public static CancellationToken WhenLeft(CancellationToken stops)
    {
        var signals = new StopSignals();
        ParentPipe.Watch(Console.OpenStandardInput(), signals);
        return CancellationTokenSource.CreateLinkedTokenSource(stops, signals.Requested).Token;
    }
}
