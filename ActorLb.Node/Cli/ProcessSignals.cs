using System.Globalization;
using System.Runtime.InteropServices;

namespace ActorLb.Node.Cli;

/// <summary>
/// Which signals reach this process, and what becomes of each: left alone, nearly every signal ends a process at once
/// (man 7 signal). SIGTERM, SIGINT and SIGQUIT ask for the end, SIGHUP has a server read its files again, the others do nothing and are told. Left to the system:
/// what stops and continues a process (SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT), what its own faults raise (SIGSEGV, SIGABRT
/// and their like), and SIGXCPU, the limit of processor time. The runtime ignores SIGPIPE.
/// </summary>
internal static partial class ProcessSignals
{
    /// <summary>By their numbers on Linux and on macOS, where PosixSignal has no name; 0: none there.</summary>
    private static readonly (string Name, int Linux, int Mac)[] Unused =
    [
        ("SIGUSR1", 10, 30), ("SIGUSR2", 12, 31), ("SIGALRM", 14, 14), ("SIGVTALRM", 26, 26), ("SIGPROF", 27, 27),
        ("SIGIO", 29, 0), ("SIGPWR", 30, 0), ("SIGSTKFLT", 16, 0),
    ];

    private const int HangingUp = 1;
    private const int Terminate = 15;
    private const int Quit = 3;
    private const nint DefaultHandler = 0;

    // The limit of a file's size. The write that reached it fails as well, and whoever wrote tells of it.
    private const int FileTooLarge = 25;

    // SIGRTMIN is glibc's first that is free, and the runtime's own.
    private const int FirstRealTime = 35;
    private const int LastRealTime = 64;

    public static IEnumerable<PosixSignalRegistration> Register(StopSignals signals, HangUp hangUp)
    {
        Action<PosixSignalContext> stop = context =>
        {
            context.Cancel = true;
            if (!signals.Raise())
            {
                Environment.Exit(ExitCode.Failed);
            }
        };
        yield return PosixSignalRegistration.Create(PosixSignal.SIGTERM, stop);
        yield return PosixSignalRegistration.Create(PosixSignal.SIGINT, stop);

        // Of Windows' events these two are the closing of its console and Ctrl+Break; the system ends the process itself.
        if (OperatingSystem.IsWindows())
        {
            yield break;
        }

        yield return PosixSignalRegistration.Create(PosixSignal.SIGQUIT, stop);
        if (hangUp == HangUp.Reloads)
        {
            HearHangUp();
        }

        bool hasTerminal = hangUp == HangUp.EndsWithTerminal && ControllingTerminal.Exists;
        yield return PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            if (hangUp == HangUp.Reloads)
            {
                signals.HangUp();
            }
            else if (hasTerminal && !ControllingTerminal.Exists)
            {
                stop(context);
            }
            else
            {
                signals.Unused?.Invoke("SIGHUP");
            }
        });
        yield return PosixSignalRegistration.Create((PosixSignal)FileTooLarge, context => context.Cancel = true);
        foreach ((string name, int linux, int mac) in Unused)
        {
            int number = OperatingSystem.IsLinux() ? linux : mac;
            if (number != 0)
            {
                yield return Ignore(name, number);
            }
        }

        if (OperatingSystem.IsLinux())
        {
            for (int number = FirstRealTime; number <= LastRealTime; number++)
            {
                yield return Ignore($"SIGRTMIN+{number - FirstRealTime + 1}", number);
            }
        }

        PosixSignalRegistration Ignore(string name, int number) => PosixSignalRegistration.Create((PosixSignal)number, context =>
        {
            context.Cancel = true;
            signals.Unused?.Invoke(name);
        });
    }

    /// <summary>Hears SIGTERM and SIGQUIT also where our parent had them ignored. To be called before anything else.</summary>
    public static void HearWhatIsIgnored()
    {
        // A shell starts what is in the background of a script with SIGINT and SIGQUIT ignored, and the runtime leaves what
        // is ignored as it is. SIGTERM and SIGQUIT are how supervisors stop a server, so they are heard all the same; with
        // SIGINT whoever started us means the terminal, and has it as he wants. SIGHUP (nohup) is a command's own business.
        foreach (int signal in (ReadOnlySpan<int>)[Terminate, Quit])
        {
            if (IsIgnored(signal))
            {
                SetHandler(signal, DefaultHandler);
            }
        }
    }

    // A server that was started by nohup must go on when its terminal ends, as it does when it reads its files; and who sends it
    // SIGHUP by hand means just that. The default would end it until the runtime listens, so a handler stands there that does
    // nothing and may be called by a signal (man 7 signal-safety).
    private static void HearHangUp()
    {
        if (IsIgnored(HangingUp) && NativeLibrary.TryLoad("libc.so.6", out nint libc) && NativeLibrary.TryGetExport(libc, "getpid", out nint nothing))
        {
            SetHandler(HangingUp, nothing);
        }
    }

    private static bool IsIgnored(int signal)
    {
        const string mask = "SigIgn:";
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        string line = File.ReadLines("/proc/self/status").First(l => l.StartsWith(mask, StringComparison.Ordinal));
        ulong ignored = ulong.Parse(line.AsSpan(mask.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (ignored & (1UL << (signal - 1))) != 0;
    }

    /// <summary>man 2 signal.</summary>
    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);
}
