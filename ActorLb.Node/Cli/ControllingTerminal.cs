namespace ActorLb.Node.Cli;

/// <summary>The terminal that this process was started from (man 4 tty).</summary>
internal static class ControllingTerminal
{
    private const string Device = "/dev/tty";

    /// <summary>False where there never was one, and from when it was closed: the system takes it away before it tells the processes.</summary>
    public static bool Exists
    {
        get
        {
            try
            {
                using var terminal = File.OpenHandle(Device);
                return true;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }
}
