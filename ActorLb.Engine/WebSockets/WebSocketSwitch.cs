using System.Text;
using ActorLb.Engine.Http1;

namespace ActorLb.Engine.WebSockets;

/// <summary>Which protocol an answer with status 101 has switched to.</summary>
internal static class WebSocketSwitch
{
    /// <param name="fields">Of the answer, by offsets into the source.</param>
    public static bool IsIn(ReadOnlySpan<byte> source, ReadOnlySpan<HeaderField> fields)
    {
        foreach (ref readonly HeaderField field in fields)
        {
            if (field.Known == KnownField.Upgrade)
            {
                return Ascii.EqualsIgnoreCase(field.Value(source), "websocket"u8);
            }
        }

        return false;
    }
}
