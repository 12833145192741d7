using Xunit;

namespace ActorLb.Tests.EndToEnd;

/// <summary>Tests that start processes run one after the other, beside one more such row and all other tests.</summary>
[CollectionDefinition(Name)]
public sealed class ProcessesCollection
{
    public const string Name = "processes";
}

/// <summary>The other row, so that both take about as long.</summary>
[CollectionDefinition(Name)]
public sealed class MoreProcessesCollection
{
    public const string Name = "more processes";
}
