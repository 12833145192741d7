using Xunit;

namespace ActorLb.ProcessTests;

/// <summary>Tests that start processes run one after the other, and not beside others: nodes that get no processor are missed.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ProcessesCollection
{
    public const string Name = "processes";
}
