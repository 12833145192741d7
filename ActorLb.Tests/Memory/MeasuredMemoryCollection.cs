using Xunit;

namespace ActorLb.Tests.Memory;

/// <summary>Tests that measure the memory of this process: what others take meanwhile would be measured, too.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredMemoryCollection
{
    public const string Name = "measured memory";
}
