using System.Text;
using ActorLb.Engine.Http1;
using ActorLb.Shared.Routing;
using ActorLb.Shared.Settings;

namespace ActorLb.Engine.Forwarding;

/// <summary>What a request says beside its host and path, where a route asks for it.</summary>
/// <param name="source">What the offsets of method and fields lead into.</param>
internal readonly ref struct RequestConditions(ReadOnlySpan<byte> source, ByteRange method, ReadOnlySpan<HeaderField> fields, string listener) : IRouteConditions
{
    private readonly ReadOnlySpan<byte> _source = source;
    private readonly ByteRange _method = method;
    private readonly ReadOnlySpan<HeaderField> _fields = fields;

    public bool Fit(RouteSettings route)
    {
        if (!route.Methods.IsEmpty && !HasMethod(route.Methods.AsSpan()))
        {
            return false;
        }

        if (!route.Listeners.IsEmpty && !route.Listeners.AsSpan().Contains(listener))
        {
            return false;
        }

        foreach (RouteHeader header in route.Headers.AsSpan())
        {
            if (!HasField(header))
            {
                return false;
            }
        }

        return true;
    }

    private bool HasMethod(ReadOnlySpan<string> methods)
    {
        ReadOnlySpan<byte> method = _method.Of(_source);
        foreach (string allowed in methods)
        {
            if (Ascii.Equals(method, allowed))
            {
                return true;
            }
        }

        return false;
    }

    private bool HasField(RouteHeader header)
    {
        foreach (ref readonly HeaderField field in _fields)
        {
            if (Ascii.EqualsIgnoreCase(field.Name(_source), header.Name)
                && (header.Value is null || Ascii.Equals(field.Value(_source), header.Value)))
            {
                return true;
            }
        }

        return false;
    }
}
