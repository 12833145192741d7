using System.Runtime.InteropServices;

namespace ActorLb.Node.Top;

/// <summary>Ctrl+Z gives the terminal back before the process stops, and fg takes it again. Not on Windows, which has neither.</summary>
internal sealed partial class Suspension : IDisposable
{
    private readonly PosixSignalRegistration[] _registrations = [];

    /// <param name="leave">On another thread, before it stops.</param>
    /// <param name="comeBack">On another thread, when it goes on.</param>
    public Suspension(Action leave, Action comeBack)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGTSTP, context =>
            {
                leave();

                // Who listens to this signal has to stop himself, and with him his pipe: a shell waits for all of it (POSIX, kill with 0).
                context.Cancel = true;
                _ = Kill(0, OperatingSystem.IsMacOS() ? 17 : 19);
            }),
            PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ => comeBack()),
        ];
    }

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }
    }

    /// <param name="signal">SIGSTOP: 19 on Linux, 17 on macOS.</param>
    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
