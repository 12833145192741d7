using ActorLb.Node.Admin;

namespace ActorLb.Node.Cli;

/// <summary>
/// Which of several nodes to ask: a process that is stopped, or a host that drops what it gets, takes a connection and never
/// answers, and to wait for each such node in turn takes longer than an operator has.
/// </summary>
internal static class AwakeNode
{
    /// <summary>What the node that is to be asked has before another one's answer counts.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>Until nobody is waited for any longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    /// <returns>
    /// The index of <paramref name="preferred"/> where it answers in time, else of the first that does; where none does, the
    /// preferred one: what it is then asked for says why.
    /// </returns>
    public static async Task<int> ChooseAsync(IReadOnlyList<HttpClient> nodes, int preferred, TimeProvider time, CancellationToken cancellation)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<bool>[] answers = [.. nodes.Select(n => AnswersAsync(n, ending.Token))];
        try
        {
            Task patience = Task.Delay(Patience, time, ending.Token);
            Task longest = Task.Delay(Longest, time, ending.Token);
            if (await Task.WhenAny(answers[preferred], patience) == answers[preferred] && await answers[preferred])
            {
                return preferred;
            }

            List<Task> open = [.. answers];
            while (open.Count > 0 && await Task.WhenAny([.. open, longest]) is var first && first != longest)
            {
                open.Remove(first);
                int index = Array.IndexOf(answers, first);
                if (await answers[index])
                {
                    return index;
                }
            }

            cancellation.ThrowIfCancellationRequested();
            return preferred;
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(answers);
        }
    }

    // Whatever it says, somebody is there.
    private static async Task<bool> AnswersAsync(HttpClient node, CancellationToken cancellation)
    {
        try
        {
            using HttpResponseMessage answer = await node.GetAsync(AdminRoutes.Live.Pattern, HttpCompletionOption.ResponseHeadersRead, cancellation);
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
