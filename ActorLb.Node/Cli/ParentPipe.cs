namespace ActorLb.Node.Cli;

/// <summary>
/// Ties a process to the one that started it: the parent holds the other end of stdin, and the kernel closes it
/// when the parent ends, kill -9 included.
/// </summary>
public static class ParentPipe
{
    /// <summary>Asks for the end when the input ends; what comes before that is ignored.</summary>
    public static void Watch(Stream input, StopSignals signals) => _ = Task.Run(async () =>
    {
        var ignored = new byte[256];
        try
        {
            while (await input.ReadAsync(ignored, signals.Requested) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A broken pipe tells the same as its end.
        }
        catch (OperationCanceledException)
        {
            return;
        }

        signals.Request();
    });
}
