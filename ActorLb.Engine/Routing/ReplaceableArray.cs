namespace ActorLb.Engine.Routing;

/// <summary>An immutable array of which one place is replaced without copying all others: blocks of 64, two of them copied.</summary>
internal sealed class ReplaceableArray<T>
{
    private const int BlockBits = 6;
    private const int BlockLength = 1 << BlockBits;

    private readonly T[][] _blocks;

    public ReplaceableArray(IEnumerable<T> items) => _blocks = [.. items.Chunk(BlockLength)];

    private ReplaceableArray(T[][] blocks) => _blocks = blocks;

    public T this[int place] => _blocks[place >> BlockBits][place & (BlockLength - 1)];

    public ReplaceableArray<T> With(int place, T item)
    {
        T[][] blocks = [.. _blocks];
        T[] block = [.. blocks[place >> BlockBits]];
        block[place & (BlockLength - 1)] = item;
        blocks[place >> BlockBits] = block;
        return new ReplaceableArray<T>(blocks);
    }
}
