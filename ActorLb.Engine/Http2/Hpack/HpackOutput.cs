namespace ActorLb.Engine.Http2.Hpack;

/// <summary>Where the fields of one block go. After the first one without room it takes none.</summary>
internal ref struct HpackOutput(Span<byte> text, Span<HpackField> fields)
{
    private readonly Span<HpackField> _fields = fields;
    private Span<byte> _free = text;

    public int FieldCount { get; private set; }

    public int TextLength { get; private set; }

    public bool IsFull { get; private set; }

    /// <summary>Where the next field's name belongs, with its value behind it.</summary>
    public readonly Span<byte> Free => _free;

    /// <summary>Whether a field of these lengths has room; if it has none, no other one has.</summary>
    public bool TryReserve(int nameLength, int valueLength)
    {
        if (FieldCount < _fields.Length && (long)nameLength + valueLength <= _free.Length)
        {
            return true;
        }

        IsFull = true;
        _free = default;
        return false;
    }

    /// <summary>Counts the field whose bytes are there now, and for which there was room.</summary>
    public void Add(int nameLength, int valueLength, bool isNeverIndexed)
    {
        _fields[FieldCount++] = new HpackField(TextLength, nameLength, TextLength + nameLength, valueLength, isNeverIndexed);
        TextLength += nameLength + valueLength;
        _free = _free[(nameLength + valueLength)..];
    }
}
