namespace ActorLb.Engine.Http1;

/// <summary>A few words of eight bytes, none of them 0, each in a slot of its own: one multiplication and one comparison tell whether one is among them.</summary>
internal sealed class WordSet
{
    private const int SlotBits = 9;

    private readonly ulong[] _slots = new ulong[1 << SlotBits];
    private readonly ulong _multiplier;

    public WordSet(IEnumerable<ulong> words)
    {
        ulong[] distinct = [.. words.Distinct()];

        // Any odd number may do; one that gives each a slot is found after a few.
        for (_multiplier = 0x9E3779B97F4A7C15; !Fits(distinct); _multiplier += 0x9E3779B97F4A7C16)
        {
            Array.Clear(_slots);
        }
    }

    public bool Contains(ulong word) => _slots[Slot(word)] == word;

    private bool Fits(ulong[] words)
    {
        foreach (ulong word in words)
        {
            ref ulong slot = ref _slots[Slot(word)];
            if (slot != 0)
            {
                return false;
            }

            slot = word;
        }

        return true;
    }

    private ulong Slot(ulong word) => (word * _multiplier) >> (64 - SlotBits);
}
