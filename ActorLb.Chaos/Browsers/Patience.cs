namespace ActorLb.Chaos.Browsers;

/// <summary>A client waits so long for the next sign of life, and no longer.</summary>
internal sealed class Patience : IDisposable
{
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _source;

    public Patience(CancellationToken leaves)
    {
        _source = CancellationTokenSource.CreateLinkedTokenSource(leaves);
        Renew();
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Something came.</summary>
    public void Renew() => _source.CancelAfter(Silence);

    public void Dispose() => _source.Dispose();
}
