using System.Collections.Concurrent;
using ActorLb.Node.States;

namespace ActorLb.Tests;

/// <summary>A store without a disk: one per directory, for as long as the tests run.</summary>
internal sealed class MemoryStateStore : IStateStore
{
    private static readonly ConcurrentDictionary<string, MemoryStateStore> Stores = new();

    private readonly ConcurrentDictionary<string, byte[]> _states = new();
    private int _failures;

    public static MemoryStateStore At(string directory) =>
        Path.IsPathRooted(directory) ? Stores.GetOrAdd(directory, _ => new MemoryStateStore()) : new MemoryStateStore();

    /// <summary>The disk is.</summary>
    public bool IsFull { get; set; }

    /// <summary>How many of the next questions and states it throws at.</summary>
    public int Failures
    {
        set => Volatile.Write(ref _failures, value);
    }

    public byte[]? State(string name)
    {
        Fail();
        return _states.GetValueOrDefault(name);
    }

    public Task SaveAsync(string name, byte[] value)
    {
        Fail();
        _states[name] = value;
        return IsFull ? Task.FromException(new IOException("there is no room")) : Task.CompletedTask;
    }

    public bool IsKept(string name) => !IsFull;

    private void Fail()
    {
        if (Interlocked.Decrement(ref _failures) >= 0)
        {
            throw new InvalidOperationException("the store is away");
        }
    }
}
