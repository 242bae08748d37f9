// The contacts of all accounts: those that are wanted, and those that were and have to be removed (RFC 3261 §10.2.1, §10.2.2).
//
// note [whose binding is it]
// A 2xx lists every binding of the address of record, those of other phones too (RFC 3261 §10.3). Ours is the one that equals the contact we sent (§19.1.4).
// But registrars and routers change contacts on their way: the port of a translated address, the whole host by what the packet came from. So, in this order:
// the same URI; the same instance and number (RFC 5626 §6); the same user at the same address with another port; the same user at the address that the server
// saw us under; the only binding there is. Never the same user alone: other phones of the house have it as well.
using SipEmbedded.Memory;
using SipEmbedded.Messages;
using SipEmbedded.Text;
using SipEmbedded.Transport;

namespace SipEmbedded.Registration;

/// <summary>A fixed number of contacts for every account.</summary>
internal sealed class ContactTable
{
    internal struct Entry
    {
        /// <summary>Of the text; 0: free.</summary>
        public ushort Length;

        public bool IsWanted;

        /// <summary>Made from the flow, and so replaced when that changes.</summary>
        public bool IsAutomatic;

        /// <summary>The server may know it: it stood in a request that was not refused.</summary>
        public bool IsSent;

        /// <summary>The request under way removes it.</summary>
        public bool IsBeingRemoved;

        /// <summary>Found in the response that is being read.</summary>
        public bool IsFound;

        /// <summary>The user's own expires parameter, which stands in the text no more.</summary>
        public uint? OwnSeconds;
    }

    private const string Pool = "accounts";

    private readonly Entry[] _entries;
    private readonly byte[] _text;

    [StartUp(Because = "a pool is made before start")]
    public ContactTable(StartGate gate, int accounts)
    {
        _entries = gate.Take<Entry>(Pool, accounts, AccountLimits.MaxBindings);
        _text = gate.Take<byte>(Pool, accounts, AccountLimits.MaxBindings * AccountLimits.MaxContactOctets);
    }

    private Span<Entry> EntriesOf(int account) => _entries.AsSpan(account * AccountLimits.MaxBindings, AccountLimits.MaxBindings);

    private Span<byte> RoomOf(int account, int entry) =>
        _text.AsSpan((account * AccountLimits.MaxBindings + entry) * AccountLimits.MaxContactOctets, AccountLimits.MaxContactOctets);

    private ReadOnlySpan<byte> TextOf(int account, int entry) => RoomOf(account, entry)[..EntriesOf(account)[entry].Length];

    public void Clear(int account) => EntriesOf(account).Clear();

    /// <summary>The server has forgotten us: what is wanted no more need not be removed.</summary>
    public void Forget(int account)
    {
        foreach (ref var entry in EntriesOf(account))
        {
            entry.IsSent = entry.IsBeingRemoved = false;
            if (!entry.IsWanted)
                entry.Length = 0;
        }
    }

    // ---- What is wanted -----------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Makes a list the wanted contacts: those that are there already stay, new ones are added, others are to be removed. Nothing is changed where the list is
    /// malformed or longer than <see cref="AccountLimits"/>.
    /// </summary>
    public AccountResult TryUpdate(int account, scoped ReadOnlySpan<byte> list, bool isAutomatic)
    {
        var result = TryWalk(account, list, isAutomatic, isRehearsal: true);
        if (result != AccountResult.Done)
            return result;
        foreach (ref var entry in EntriesOf(account))
            entry.IsWanted = false;
        result = TryWalk(account, list, isAutomatic, isRehearsal: false);
        foreach (ref var entry in EntriesOf(account))
        {
            if (!entry.IsWanted && !entry.IsSent)
                entry.Length = 0;
        }
        return result;
    }

    private AccountResult TryWalk(int account, scoped ReadOnlySpan<byte> list, bool isAutomatic, bool isRehearsal)
    {
        Span<byte> room = stackalloc byte[AccountLimits.MaxContactOctets];
        int count = 0;
        int offset = HeaderValues.First<Contact>(list, 0, list.Length, default, out int fault);
        if (offset < 0)
            return AccountResult.Malformed;
        while (offset >= 0)
        {
            int stop = HeaderValues.Next<Contact>(list, offset, list.Length, default, out var contact, out offset);
            if (stop < 0 || contact.Uri.Kind == SipUriKind.None)
                return AccountResult.Malformed;
            if (++count > AccountLimits.MaxContacts)
                return AccountResult.TooMany;
            var writer = new ByteWriter(room);
            WriteWithoutExpires(contact, list, ref writer);
            if (writer.Overflowed)
                return AccountResult.TooLong;
            if (!isRehearsal)
                Want(account, writer.WrittenSpan, contact.ExpiresSeconds, isAutomatic);
        }
        return fault < 0 ? AccountResult.Malformed : AccountResult.Done;
    }

    private static void WriteWithoutExpires(in Contact contact, scoped ReadOnlySpan<byte> text, ref ByteWriter writer)
    {
        if (contact.DisplayName.IsPresent && !contact.DisplayName.IsEmpty)
        {
            writer.Write(contact.DisplayName.In(text));
            writer.Write((byte)' ');
        }
        writer.Write((byte)'<');
        writer.Write(contact.Uri.Extent.In(text));
        writer.Write((byte)'>');
        foreach (var parameter in ParameterList.Of(contact.Parameters, text))
        {
            var name = parameter.Name.In(text);
            if (Scan.EqualsIgnoreCase(name, "expires"u8))
                continue;
            writer.Write((byte)';');
            writer.Write(name);
            if (!parameter.Value.IsPresent)
                continue;
            writer.Write((byte)'=');
            writer.Write(parameter.Value.In(text));
        }
    }

    // There is room: half of the entries are for the wanted ones, and of the others the oldest gives way.
    private void Want(int account, scoped ReadOnlySpan<byte> text, uint? ownSeconds, bool isAutomatic)
    {
        var entries = EntriesOf(account);
        int at = -1;
        for (int i = 0; i < entries.Length && at < 0; i++)
        {
            if (entries[i].Length != 0 && !entries[i].IsWanted && IsSameUri(TextOf(account, i), text))
                at = i;
        }
        bool isSent = at >= 0 && entries[at].IsSent;
        for (int i = 0; i < entries.Length && at < 0; i++)
        {
            if (entries[i].Length == 0)
                at = i;
        }
        for (int i = 0; i < entries.Length && at < 0; i++)
        {
            if (!entries[i].IsWanted)
                at = i;
        }
        if (at < 0)
            return;
        text.CopyTo(RoomOf(account, at));
        entries[at] = new() { Length = (ushort)text.Length, IsWanted = true, IsAutomatic = isAutomatic, IsSent = isSent, OwnSeconds = ownSeconds };
    }

    /// <summary>True where what is wanted is made from the flow, or nothing is wanted yet.</summary>
    public bool IsAutomatic(int account)
    {
        foreach (ref readonly var entry in EntriesOf(account))
        {
            if (entry.Length != 0 && entry.IsWanted && !entry.IsAutomatic)
                return false;
        }
        return true;
    }

    /// <summary>True where the wanted contacts are exactly this one.</summary>
    public bool Wants(int account, scoped ReadOnlySpan<byte> contact)
    {
        var entries = EntriesOf(account);
        bool isThere = false;
        for (int i = 0; i < entries.Length; i++)
        {
            if (entries[i].Length == 0 || !entries[i].IsWanted)
                continue;
            if (isThere || !TextOf(account, i).SequenceEqual(contact))
                return false;
            isThere = true;
        }
        return isThere;
    }

    /// <summary>The first contact that is wanted, as written; empty where there is none.</summary>
    public ReadOnlySpan<byte> FirstWanted(int account)
    {
        var entries = EntriesOf(account);
        for (int i = 0; i < entries.Length; i++)
        {
            if (entries[i].Length != 0 && entries[i].IsWanted)
                return TextOf(account, i);
        }
        return default;
    }

    /// <summary>The URI is that of a contact which is wanted, or was until just now.</summary>
    public bool Has(int account, in SipUri uri, ReadOnlySpan<byte> text)
    {
        var entries = EntriesOf(account);
        for (int i = 0; i < entries.Length; i++)
        {
            if (entries[i].Length != 0 && Contact.Match(TextOf(account, i), 0, 0, out var contact) > 0
                && UriComparison.AreEqual(contact.Uri, TextOf(account, i), uri, text))
                return true;
        }
        return false;
    }

    // ---- Into a request -----------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Writes a line for each contact: the wanted ones, and those to be removed with <c>expires=0</c>. Removing, all are.
    /// <paramref name="instance"/> goes behind the contact that is made from the flow, or behind the first.
    /// </summary>
    public void Write(int account, ref MessageBuilder request, bool isRemoval, uint leastSeconds, scoped ReadOnlySpan<byte> instance)
    {
        Span<byte> room = stackalloc byte[AccountLimits.MaxContactOctets + AccountLimits.MaxUriOctets + 64];
        var entries = EntriesOf(account);
        bool hasInstance = instance.IsEmpty;
        for (int i = 0; i < entries.Length; i++)
        {
            ref var entry = ref entries[i];
            if (entry.Length == 0)
                continue;
            entry.IsBeingRemoved = isRemoval || !entry.IsWanted;
            var writer = new ByteWriter(room);
            if (!entry.IsWanted)
            {
                // Without parameters: an instance would name the binding that takes its place.
                writer.Write(UriPartOf(TextOf(account, i)));
            }
            else
            {
                writer.Write(TextOf(account, i));
                if (!hasInstance)
                    writer.Write(instance);
                hasInstance = true;
            }
            if (entry.IsBeingRemoved)
                writer.Write(";expires=0"u8);
            else if (entry.OwnSeconds is { } own)
            {
                writer.Write(";expires="u8);
                writer.Write((ulong)Math.Max(own, leastSeconds));
            }
            request.Header(HeaderName.Contact, writer.WrittenSpan);
            entry.IsSent |= !entry.IsBeingRemoved;
        }
    }

    private static ReadOnlySpan<byte> UriPartOf(ReadOnlySpan<byte> contact)
    {
        int start = Contact.Match(contact, 0, 0, out var value) > 0 ? value.Uri.Extent.Offset - 1 : 0;
        return contact.Slice(start, value.Uri.Extent.Length + 2);
    }

    // ---- Out of a response --------------------------------------------------------------------------------------------------------

    /// <summary>
    /// Reads the bindings of a 2xx. <paramref name="isMissing"/> where a wanted contact is not among them (see note [whose binding is it]);
    /// <paramref name="granted"/> is the shortest of ours in seconds, those without an expires parameter counted as <paramref name="otherwise"/>.
    /// <paramref name="own"/> is the first that is ours.
    /// </summary>
    public int Read(
        int account, SipMessage response, uint otherwise, in IpEndpoint seen, scoped ReadOnlySpan<byte> instance, uint number, out uint granted, out bool isMissing,
        out Contact own)
    {
        var entries = EntriesOf(account);
        foreach (ref var entry in entries)
            entry.IsFound = false;
        granted = uint.MaxValue;
        own = default;
        int count = 0;
        var all = response.All<Contact>();
        while (all.MoveNext())
            count += all.IsSole ? 0 : 1;
        for (var rule = Likeness.SameUri; rule <= Likeness.TheOnly; rule++)
        {
            all = response.All<Contact>();
            while (all.MoveNext())
            {
                if (all.IsSole)
                    continue;
                var contact = all.Current;
                int at = Find(account, contact, response.Text, rule, seen, instance, number, count);
                if (at < 0)
                    continue;
                entries[at].IsFound = true;
                uint seconds = contact.ExpiresSeconds ?? otherwise;
                if (seconds < granted)
                    granted = seconds;
                if (!own.Extent.IsPresent)
                    own = contact;
            }
        }
        isMissing = false;
        foreach (ref readonly var entry in entries)
            isMissing |= entry.Length != 0 && entry.IsWanted && !entry.IsFound;
        return count;
    }

    private enum Likeness : byte
    {
        SameUri,
        SameInstance,
        SameAddress,
        SeenAddress,
        TheOnly,
    }

    private int Find(
        int account, in Contact contact, ReadOnlySpan<byte> text, Likeness rule, in IpEndpoint seen, scoped ReadOnlySpan<byte> instance, uint number, int count)
    {
        var entries = EntriesOf(account);
        int wanted = 0;
        for (int i = 0; i < entries.Length; i++)
            wanted += entries[i].Length != 0 && entries[i].IsWanted ? 1 : 0;
        for (int i = 0; i < entries.Length; i++)
        {
            if (entries[i].Length == 0 || !entries[i].IsWanted || entries[i].IsFound)
                continue;
            var ours = TextOf(account, i);
            if (Contact.Match(ours, 0, 0, out var mine) < 0)
                continue;
            bool isLike = rule switch
            {
                Likeness.SameUri => UriComparison.AreEqual(mine.Uri, ours, contact.Uri, text),
                Likeness.SameInstance => !instance.IsEmpty && contact.RegistrationId == number && IsInstance(contact.Instance.In(text), instance),
                Likeness.SameAddress => HasSameUser(mine, ours, contact, text) && HostText.AreEqual(mine.Uri.Host.In(ours), contact.Uri.Host.In(text)),
                Likeness.SeenAddress => HasSameUser(mine, ours, contact, text) && !seen.IsAny && IpEndpoint.TryRead(contact.Uri.Host.In(text), 0, out var host)
                    && host.HasAddressOf(seen),
                _ => count == 1 && wanted == 1,
            };
            if (isLike)
                return i;
        }
        return -1;
    }

    private static bool HasSameUser(in Contact mine, ReadOnlySpan<byte> ours, in Contact contact, ReadOnlySpan<byte> text) =>
        mine.Uri.Kind == contact.Uri.Kind && mine.Uri.Kind != SipUriKind.Absolute && mine.Uri.User.In(ours).SequenceEqual(contact.Uri.User.In(text));

    // In quotes and brackets (RFC 5626 §4.1).
    private static bool IsInstance(ReadOnlySpan<byte> parameter, scoped ReadOnlySpan<byte> instance) =>
        parameter.Length == instance.Length + 4 && Scan.EqualsIgnoreCase(parameter[2..^2], instance);

    private static bool IsSameUri(ReadOnlySpan<byte> left, scoped ReadOnlySpan<byte> right) =>
        Contact.Match(left, 0, 0, out var first) > 0 && Contact.Match(right, 0, 0, out var second) > 0
            && UriComparison.AreEqual(first.Uri, left, second.Uri, right);

    /// <summary>The request under way succeeded: what it removed is gone.</summary>
    public void Succeeded(int account)
    {
        foreach (ref var entry in EntriesOf(account))
        {
            if (!entry.IsBeingRemoved)
                continue;
            entry.IsBeingRemoved = entry.IsSent = false;
            if (!entry.IsWanted)
                entry.Length = 0;
        }
    }
}
