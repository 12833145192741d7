using System.Globalization;
using ActorLb.Node.Cli;

namespace ActorLb.Bench.Lab;

/// <summary>A command that runs in a network namespace of its own, where it may build and break what it likes, and its options.</summary>
/// <param name="name">As it is called.</param>
/// <param name="insideName">The same command, already in the namespace.</param>
internal sealed class LabCommand(string name, string insideName)
{
    public const int ExitNotPossibleHere = 3;

    /// <param name="trial">A script for a namespace to be thrown away: it fails where this machine cannot do it.</param>
    /// <param name="needs">What the script tries out, for people.</param>
    public async Task<int> EnterAsync(string[] arguments, string trial, string needs)
    {
        if (await WhyNotAsync(trial, needs) is { } reason)
        {
            Console.Error.WriteLine($"{name}: not possible here: {reason}");
            return ExitNotPossibleHere;
        }

        // Its stdin is ours to hold: it ends when we do, and its network with it.
        SelfCommand self = SelfCommand.OfThisProcess();
        string[] program = self.Prefix.Length > 0 ? [self.Program, typeof(LabCommand).Assembly.Location] : [self.Program];
        await using LabProcess inside = LabProcess.Start("unshare", ["-n", .. program, insideName, .. arguments]);
        return await inside.WhenEndedAsync();
    }

    /// <summary>In the namespace: runs until it is done, or the process outside ends.</summary>
    public static async Task<int> RunInsideAsync(Func<Task<int>> run)
    {
        using var signals = new StopSignals();
        ParentPipe.Watch(Console.OpenStandardInput(), signals);
        Task<int> running = run();
        return await Task.WhenAny(running, signals.WhenRequested) == running ? await running : 1;
    }

    public static int Option(string[] arguments, string option, int otherwise) =>
        Value(arguments, option) is { } value ? int.Parse(value, CultureInfo.InvariantCulture) : otherwise;

    public static (int Min, int Max) Range(string[] arguments, string option, (int Min, int Max) otherwise, (int Min, int Max) within)
    {
        if (Value(arguments, option) is not { } value)
        {
            return otherwise;
        }

        int[] bounds = [.. value.Split("..").Select(b => int.Parse(b, CultureInfo.InvariantCulture))];
        return bounds[0] >= within.Min && bounds[^1] <= within.Max && bounds[0] <= bounds[^1]
            ? (bounds[0], bounds[^1])
            : throw new ArgumentException($"{option} is a number or a range within {within.Min}..{within.Max}");
    }

    /// <returns>Null where nobody chose.</returns>
    public static T? Choice<T>(string[] arguments, string option)
        where T : struct, Enum => Value(arguments, option) is { } value ? Enum.Parse<T>(value, ignoreCase: true) : null;

    private static string? Value(string[] arguments, string option) =>
        Array.IndexOf(arguments, option) is var at and >= 0 ? arguments[at + 1] : null;

    private static async Task<string?> WhyNotAsync(string trial, string needs)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return "it needs root on Linux";
        }

        if (!File.Exists(LabNode.Program))
        {
            return $"{LabNode.Program} is missing: build the solution";
        }

        try
        {
            await LabProcess.RunAsync("unshare", "-n", "sh", "-ec", trial);
            return null;
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"it needs {needs}: {e.Message}";
        }
    }
}
