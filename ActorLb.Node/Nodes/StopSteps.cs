using System.Runtime.ExceptionServices;

namespace ActorLb.Node.Nodes;

/// <summary>Puts parts away one after the other: one that fails keeps none behind it from ending.</summary>
internal static class StopSteps
{
    /// <summary>Throws what the first that failed threw, when all have ended.</summary>
    public static async Task RunAsync(params Func<Task>[] steps)
    {
        ExceptionDispatchInfo? first = null;
        foreach (Func<Task> step in steps)
        {
            try
            {
                await step();
            }
            catch (Exception e)
            {
                first ??= ExceptionDispatchInfo.Capture(e);
            }
        }

        first?.Throw();
    }
}
