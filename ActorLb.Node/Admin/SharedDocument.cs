namespace ActorLb.Node.Admin;

/// <summary>
/// A document that costs processor time to make, so that no number of requests for it takes more than a little: it is made
/// for all who asked meanwhile, and at most ten times a second. None is older than its question. Any thread.
/// </summary>
internal sealed class SharedDocument(TimeProvider time, Func<Task<byte[]>> make)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private Task _begun = Task.CompletedTask;
    private Task<byte[]>? _next;

    public Task<byte[]> GetAsync()
    {
        lock (_lock)
        {
            return _next ??= MakeAsync(_begun);
        }
    }

    private async Task<byte[]> MakeAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        lock (_lock)
        {
            // Whoever asks from now on gets the next one.
            _next = null;
            _begun = Task.Delay(Pause, time);
        }

        return await make().ConfigureAwait(false);
    }
}
