{{/* Settings by which a part speaks to Kafka, as YAML: dict "root" $ "part" "worker". */}}
{{- define "treatywatch.kafka" -}}
{{- $kafka := .root.Values.kafka -}}
bootstrap: {{ $kafka.bootstrapServers | quote }}
app_id: {{ .root.Values.appId | quote }}
partitions: {{ $kafka.partitions }}
replication: {{ $kafka.replication }}
min_insync: {{ $kafka.minInsync }}
security: {{ $kafka.security }}
{{- if hasPrefix "SASL" $kafka.security }}
sasl_mechanism: {{ $kafka.sasl.mechanism }}
sasl_username: {{ index $kafka.sasl.accounts .part | quote }}
sasl_password_file: /etc/treatywatch/kafka/password
{{- end }}
{{- if hasSuffix "SSL" $kafka.security }}
{{- if $kafka.tls.caSecret }}
ssl_ca: /etc/treatywatch/kafka/ca.crt
{{- end }}
{{- if $kafka.tls.clientSecret }}
ssl_certificate: /etc/treatywatch/kafka/tls.crt
ssl_key: /etc/treatywatch/kafka/tls.key
{{- end }}
{{- end }}
{{- end -}}

{{/* Environment of a container: dict "settings" (a map of settings in small letters). */}}
{{- define "treatywatch.env" -}}
{{- range $name, $value := .settings }}
- name: TREATYWATCH_{{ upper $name }}
  value: {{ if kindIs "float64" $value }}{{ $value | toJson | quote }}{{ else }}{{ $value | toString | quote }}{{ end }}
{{- end }}
{{- end -}}

{{/* Whether a part has anything of Kafka's to be shown as files. */}}
{{- define "treatywatch.kafkaFiles" -}}
{{- $kafka := .Values.kafka -}}
{{- if or (hasPrefix "SASL" $kafka.security) (and (hasSuffix "SSL" $kafka.security) (or $kafka.tls.caSecret $kafka.tls.clientSecret)) -}}yes{{- end -}}
{{- end -}}

{{- define "treatywatch.kafkaVolume" -}}
{{- $kafka := .root.Values.kafka -}}
- name: kafka
  projected:
    defaultMode: 0440
    sources:
      {{- if hasPrefix "SASL" $kafka.security }}
      - secret:
          name: {{ $kafka.sasl.passwordSecret }}
          items: [{key: {{ .part }}, path: password}]
      {{- end }}
      {{- if and (hasSuffix "SSL" $kafka.security) $kafka.tls.caSecret }}
      - secret:
          name: {{ $kafka.tls.caSecret }}
          items: [{key: {{ $kafka.tls.caKey }}, path: ca.crt}]
      {{- end }}
      {{- if and (hasSuffix "SSL" $kafka.security) $kafka.tls.clientSecret }}
      - secret:
          name: {{ $kafka.tls.clientSecret }}
          items: [{key: tls.crt, path: tls.crt}, {key: tls.key, path: tls.key}]
      {{- end }}
{{- end -}}

{{/* Where the operator's knowledge and rules are, for who puts them in force. */}}
{{- define "treatywatch.bundles" -}}
{{- if .Values.knowledge }}
knowledge: /etc/treatywatch/knowledge
{{- end }}
{{- if .Values.rules }}
rules: /etc/treatywatch/rules
{{- end }}
{{- end -}}

{{- define "treatywatch.bundleMounts" -}}
{{- if .Values.knowledge }}
- {name: knowledge, mountPath: /etc/treatywatch/knowledge, readOnly: true}
{{- end }}
{{- if .Values.rules }}
- {name: rules, mountPath: /etc/treatywatch/rules, readOnly: true}
{{- end }}
{{- end -}}

{{- define "treatywatch.bundleVolumes" -}}
{{- $name := include "treatywatch.fullname" . -}}
{{- if .Values.knowledge }}
- name: knowledge
  configMap:
    name: {{ $name }}-knowledge
    items:
      {{- range $folder, $files := .Values.knowledge }}
      {{- range $file, $_ := $files }}
      - {key: {{ $folder }}.{{ $file }}, path: {{ $folder }}/{{ $file }}}
      {{- end }}
      {{- end }}
{{- end }}
{{- if .Values.rules }}
- name: rules
  configMap: {name: {{ $name }}-rules}
{{- end }}
{{- end -}}

{{- define "treatywatch.bundleSum" -}}
{{- list .Values.knowledge .Values.rules | toJson | sha256sum -}}
{{- end -}}
