namespace ActorLb.Node.Demo;

/// <summary>Where the demo's nodes and backends run: in this process, or each in its own.</summary>
internal interface IDemoStage : IAsyncDisposable
{
    /// <summary>Starts all of them. Throws where one cannot start.</summary>
    Task StartAsync(CancellationToken cancellation);

    /// <summary>Completes with the reason when one ends that nobody asked to.</summary>
    Task<string> FirstLoss { get; }

    /// <summary>From now on, a loss is part of the show: it is told, and the demo goes on.</summary>
    void Open();

    /// <summary>The process of a node or backend that runs alone; null where it does not.</summary>
    int? ProcessIdOf(string name);

    Task StopAsync(CancellationToken cancellation);
}
