namespace ActorLb.Bench.LaneFuzzing;

/// <summary>Linux's numbers (errno) of what goes wrong with sockets here.</summary>
internal static class ErrorNumber
{
    public const int BrokenPipe = 32;
    public const int ConnectionReset = 104;
    public const int ConnectionRefused = 111;
}
