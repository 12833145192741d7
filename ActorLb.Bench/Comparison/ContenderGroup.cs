namespace ActorLb.Bench.Comparison;

/// <summary>Those that stand side by side; all end together.</summary>
internal sealed class ContenderGroup : IAsyncDisposable
{
    private readonly List<Contender> _running = [];

    public IReadOnlyList<Contender> Running => _running;

    public async Task StartAsync(Contenders contenders, string[] names, int threads)
    {
        foreach (string name in names)
        {
            try
            {
                _running.Add(await contenders.StartAsync(name, threads));
            }
            catch (System.ComponentModel.Win32Exception e)
            {
                Console.WriteLine($"{name} is left out: {e.Message}");
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Contender contender in _running)
        {
            await contender.DisposeAsync();
        }
    }
}
