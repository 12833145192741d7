using System.Collections.Immutable;
using System.Net;
using ActorLb.Engine.Clients;
using ActorLb.Engine.Filters;
using ActorLb.Engine.Forwarding;
using ActorLb.Engine.Http1;
using ActorLb.Engine.Routing;
using ActorLb.Engine.Sessions;

namespace ActorLb.Engine.Epoll;

/// <summary>
/// The head of the request under way. It stays in its client's buffer until the body is asked for, or beside what is held of
/// that body afterwards; its fields are the loop's, and read again where another request's have taken their place.
/// </summary>
internal sealed class HeldHead(LaneLoop loop)
{
    private ClientConnection _client = null!;
    private HeldBody? _body;
    private RequestHead _head;
    private RequestId _requestId;
    private TicketField? _ticketField;

    /// <summary>By offsets into <see cref="Source"/>.</summary>
    public ref readonly RequestHead Head => ref _head;

    /// <summary>Bytes, at the beginning of the client's input.</summary>
    public int Length { get; private set; }

    public ReadOnlySpan<byte> Source => _body is null ? _client.Input.Unread[..Length] : _body.Head;

    public ReadOnlySpan<byte> RequestId => _requestId.Value;

    /// <summary>The protocols of its pool, where it asks for one of them; else default.</summary>
    public ImmutableArray<string> Upgrades { get; private set; }

    /// <inheritdoc cref="Forwarding.Upgrades.AreAsked"/>
    public bool AsksUpgrade => !Upgrades.IsDefault;

    /// <summary>It carries credentials that authenticate the connection to its backend.</summary>
    public bool AuthenticatesConnection { get; private set; }

    /// <summary>Its client came by TLS, to us or to a proxy that we believe.</summary>
    public bool IsSecure { get; private set; }

    /// <summary>Of this client, or of the one whom a trusted proxy names.</summary>
    public IPAddress Address => _client.Forwarded.IsTrusted
        ? ClientAddress.Of(_client.Peer, _client.Listener.Settings.TrustedProxies, RequestFields.Joined(Source, Fields(), KnownField.XForwardedFor))
        : _client.Peer;

    /// <summary>Holds a head that was just read into the loop's fields.</summary>
    /// <param name="length">Bytes of the head, at the beginning of the client's input.</param>
    public void Hold(ClientConnection client, in RequestHead head, int length)
    {
        _client = client;
        _body = null;
        _head = head;
        _ticketField = null;
        Length = length;
        loop.FieldsOf = this;
        ReadOnlySpan<HeaderField> fields = Fields();
        _requestId.Choose(RequestFields.Value(Source, fields, KnownField.XRequestId));
        Upgrades = default;
        AuthenticatesConnection = ConnectionAuthentication.IsClaimed(Source, fields, head.Fields);
        IsSecure = RequestFields.IsSecure(client.Forwarded, Source, head, fields);
    }

    /// <summary>It lies beside this body from now on; null: it is gone.</summary>
    public void MoveTo(HeldBody? body) => _body = body;

    /// <summary>Its pool is known.</summary>
    public void Allow(ImmutableArray<string> upgrades)
    {
        if (_head.Has(RequestTraits.AsksUpgrade) && Forwarding.Upgrades.AreAsked(Source, _head, Fields(), upgrades))
        {
            Upgrades = upgrades;
        }
    }

    public ReadOnlySpan<HeaderField> Fields()
    {
        if (!ReferenceEquals(loop.FieldsOf, this))
        {
            // As wide as limits ever were: it was within those of its time.
            RequestParser.Parse(Source, loop.WidestLimits, loop.RequestFields, out _);
            loop.FieldsOf = this;
            _ticketField?.Claim(Source, loop.RequestFields.AsSpan(0, _head.Fields.Count));
        }

        return loop.RequestFields.AsSpan(0, _head.Fields.Count);
    }

    /// <summary>Has the fields that its route does not pass on end here.</summary>
    public void Take(HeaderEdits? edits)
    {
        if (edits is not null)
        {
            _ = Fields();
            edits.Take(Source, loop.RequestFields.AsSpan(0, _head.Fields.Count));
        }
    }

    /// <summary>Adds the tickets of its pool. Where they have a field of their own, that ends here.</summary>
    public void FindTickets(PoolAffinity affinity, ref PresentedTickets found)
    {
        RequestFields.FindTickets(affinity, Source, _head, Fields(), ref found);
        _ticketField = affinity.Header;
        _ticketField?.Claim(Source, loop.RequestFields.AsSpan(0, _head.Fields.Count));
    }
}
