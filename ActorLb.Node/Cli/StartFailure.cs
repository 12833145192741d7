namespace ActorLb.Node.Cli;

/// <summary>Says in one line why something could not be done.</summary>
internal static class StartFailure
{
    /// <summary>The message of the exception that says most: wrappers that only say "one or more errors" do not count.</summary>
    public static string Reason(Exception exception)
    {
        while (exception is AggregateException or System.Reflection.TargetInvocationException
            && exception.InnerException is { } inner)
        {
            exception = inner;
        }

        return exception.Message.ReplaceLineEndings(" ").Trim();
    }
}
