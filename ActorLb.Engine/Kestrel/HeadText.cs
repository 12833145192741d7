using System.Buffers;
using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.Kestrel;

/// <summary>
/// Bytes of a head that is written from the server's texts. Each text stands for the octets that the peer sent, as
/// Latin-1; one that could end a line, or that stands for no octets, is refused: nothing of it may become part of the
/// message's structure.
/// </summary>
internal sealed class HeadText
{
    private const int FirstBytes = 2048;

    private static readonly SearchValues<char> Ends = SearchValues.Create("\0\r\n");

    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private byte[] _bytes = [];

    /// <summary>None as long as everything fitted in.</summary>
    public MessageFault Fault { get; private set; }

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Begin()
    {
        _bytes = _bytes.Length > 0 ? _bytes : ArrayPool<byte>.Shared.Rent(FirstBytes);
        Length = 0;
        Fault = MessageFault.None;
    }

    /// <summary>Gives the memory back.</summary>
    public void End()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }

        Length = 0;
    }

    public void Append(ReadOnlySpan<byte> constant)
    {
        Reserve(constant.Length);
        constant.CopyTo(_bytes.AsSpan(Length));
        Length += constant.Length;
    }

    /// <param name="otherwise">The fault of a text that cannot be taken as it is.</param>
    public void Append(ReadOnlySpan<char> text, MessageFault otherwise)
    {
        if (text.ContainsAny(Ends) || text.ContainsAnyExceptInRange('\0', '\xff'))
        {
            Refuse(otherwise);
            return;
        }

        Reserve(text.Length);
        Length += Encoding.Latin1.GetBytes(text, _bytes.AsSpan(Length));
    }

    /// <summary>A method or a field's name.</summary>
    public void AppendToken(ReadOnlySpan<char> text, MessageFault otherwise)
    {
        if (text.IsEmpty || text.ContainsAnyExcept(TokenCharacters))
        {
            Refuse(otherwise);
            return;
        }

        Append(text, otherwise);
    }

    public void AppendField(ReadOnlySpan<char> name, ReadOnlySpan<char> value)
    {
        AppendToken(name, MessageFault.FieldNameInvalid);
        Append(": "u8);
        Append(value, MessageFault.ValueHasControl);
        Append("\r\n"u8);
    }

    /// <summary>What is written is no head; the first fault names the refusal.</summary>
    public void Refuse(MessageFault fault) => Fault = Fault == MessageFault.None ? fault : Fault;

    private void Reserve(int count)
    {
        if (_bytes.Length - Length >= count)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, Length + count));
        Written.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
