namespace ActorLb.Tests.Cli;

/// <summary>Waits for what only asking can tell.</summary>
internal static class Until
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>The first answer; connections that are refused are tried again.</summary>
    public static async Task<string> Answered(Func<Task<string>> ask)
    {
        string? answer = null;
        await Holds(async () =>
        {
            try
            {
                answer = await ask();
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        return answer!;
    }

    public static async Task Holds(Func<Task<bool>> condition)
    {
        using var timeout = new CancellationTokenSource(Generous);
        while (!await condition())
        {
            await Task.Delay(AskEvery, timeout.Token);
        }
    }

    public static Task Holds(Func<bool> condition) => Holds(() => Task.FromResult(condition()));
}
